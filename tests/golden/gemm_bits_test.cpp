#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "models/arithmetic/exact_sums.h"
#include "models/formats/format_table.h"
#include "sim/run/gemm_run.h"

namespace mxsim {
namespace {

struct GoldenGemm {
  std::string format;
  std::string hash;
};

/// C[96, 80] = A[96, 72] B[72, 80], seed 1, `ws` on 16x16, FP32 accumulation. The hashes are those
/// of the plain reference (models/arithmetic/reference_gemm.h), which every row is checked against
/// again; written down so that all builds and machines prove to give the same bits.
const std::vector<GoldenGemm> kGolden{{"mxsf", "f1f4fb2025cec4dd"},
                                      {"bf16", "56793182327cffbf"},
                                      {"mxfp8_e4m3", "108a3f3fe59c0527"},
                                      {"mxint8", "42d4f581e30a2f6d"},
                                      {"fp32", "d365889098d682a2"}};

TEST(GemmBits, AreTheSameInEveryBuild) {
  for (const GoldenGemm& golden : kGolden) {
    GemmRequest request;
    request.m = 96;
    request.n = 80;
    request.k = 72;
    request.array.rows = request.array.cols = 16;
    request.set_format(parse_format(golden.format));
    request.check = BitCheck::kReference;
    const GemmResult result = run_gemms({request}).front();
    EXPECT_EQ(result.output_hash, golden.hash) << golden.format;
    EXPECT_EQ(result.equals_reference, true) << golden.format;
  }
}

/// A closed form, the PEs and a reference for every row of the table of formats.
TEST(GemmBits, OfEveryFormatEqualTheReferenceInBothFidelities) {
  std::vector<GemmRequest> requests;
  for (const FormatSpec& format : format_table()) {
    for (const auto accumulator :
         {Accumulator::kFp32, Accumulator::kExactBlock, Accumulator::kBf16, Accumulator::kFixed}) {
      for (const auto fidelity : {Fidelity::kTile, Fidelity::kPe}) {
        GemmRequest request;
        request.m = 19;
        request.n = 13;
        request.k = 70;
        request.array.rows = request.array.cols = 8;
        request.array.accumulator = accumulator;
        request.set_format(format);
        request.fidelity = fidelity;
        request.check = BitCheck::kReference;
        const bool adds = sum_fault(request.array, format, format, request.k).empty();
        if (adds) requests.push_back(request);
      }
    }
  }
  const std::vector<GemmResult> results = run_gemms(requests);
  for (std::size_t i = 0; i < results.size(); i += 2) {
    const std::string& name = results[i].request.a_layout.format.name;
    EXPECT_EQ(results[i].equals_reference, true) << name;
    EXPECT_EQ(results[i].output_hash, results[i + 1].output_hash) << name;
    EXPECT_EQ(results[i].cost, results[i + 1].cost) << name;
  }
}

}  // namespace
}  // namespace mxsim
