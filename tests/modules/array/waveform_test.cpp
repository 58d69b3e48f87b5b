#include "sim/run/waveform.h"

#include <gtest/gtest.h>

#include <cmath>

#include "models/core/error.h"
#include "sim/array/array_pe.h"
#include "tests/support/array_case.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/vcd.h"

namespace mxsim {
namespace {

constexpr std::int64_t kPicosecondsPerStep = 1000;

/// Starts one command at time zero.
class Starter : public sc_core::sc_module {
 public:
  SC_HAS_PROCESS(Starter);
  Starter(ArrayUnit& array, const ArrayCase& test, std::vector<float>& results)
      : sc_module(sc_core::sc_module_name("starter")),
        array_(array),
        test_(test),
        results_(results) {
    SC_METHOD(start);
  }

 private:
  void start() { array_.start(test_.command, test_.data(results_)); }

  ArrayUnit& array_;
  const ArrayCase& test_;
  std::vector<float>& results_;
};

/// The waveform of a command on an array "array" at 1 GHz.
Vcd waveform_of(const ArrayCase& test, std::vector<float>& results) {
  const TemporaryFolder folder;
  const std::string path = (folder.path() / "array.vcd").string();
  ArrayPe array("array", test.spec, ClockDomain(1'000'000'000));
  Starter starter(array, test, results);
  OutputFile file(path);
  Waveform waveform(file);
  array.trace(waveform.file());
  sc_core::sc_start();
  waveform.finish();
  file.commit();
  return Vcd(path);
}

ArrayCase small_case(Dataflow dataflow) {
  ArrayCase test;
  test.spec.rows = test.spec.cols = 2;
  test.command.dataflow = dataflow;
  test.command.m = 3;
  test.command.n = test.command.k = 2;
  test.command.blocks = {2, 2, 0};
  test.draw(OperandKind::kBlocks, 5);
  return test;
}

/// By hand: the weights of both rows are loaded in two steps; row i of A then enters i steps late
/// and hops one column a step. Codes are shown as they travel, decoded fields beside them.
TEST(Waveform, ShowsEachOperandOfAWeightStationaryPassInItsPeAtItsStep) {
  const ArrayCase test = small_case(Dataflow::kWeightStationary);
  std::vector<float> results = test.c;
  const Vcd vcd = waveform_of(test, results);
  EXPECT_EQ(vcd.timescale(), "1ps");
  for (std::int64_t i = 0; i < 2; ++i) {
    for (std::int64_t j = 0; j < 2; ++j) {
      const std::string pe =
          "SystemC.array.pe_" + std::to_string(i) + "_" + std::to_string(j) + ".";
      for (std::int64_t row = 0; row < 3; ++row) {
        const std::int64_t time = (2 + row + i + j) * kPicosecondsPerStep;
        const ArrayOperand& a = test.a[static_cast<std::size_t>(2 * row + i)];
        const ArrayOperand& b = test.b[static_cast<std::size_t>(2 * i + j)];
        const DecodedOperand decoded = test.decoder.decode(a);
        EXPECT_EQ(vcd.at(pe + "across_valid", time), "1") << pe << time;
        EXPECT_EQ(vcd.integer(pe + "across_code", time), a.code) << pe << time;
        EXPECT_EQ(vcd.integer(pe + "across_mode", time), (a.code & 0x60) != 0 ? 1 : 0);
        EXPECT_EQ(vcd.integer(pe + "across_block_exponent", time, 32), std::ilogb(a.scale));
        EXPECT_EQ(static_cast<float>(vcd.real(pe + "across", time)), decoded.value) << pe << time;
        EXPECT_EQ(vcd.integer(pe + "stationary_code", time), b.code) << pe << time;
      }
    }
  }
  // The partial sum of A[0, 0] B[0, 0] stands in the first PE in the first step of the stream.
  const float product = test.decoder.decode(test.a[0]).value * test.decoder.decode(test.b[0]).value;
  EXPECT_EQ(
      static_cast<float>(vcd.real("SystemC.array.pe_0_0.partial_sum", 2 * kPicosecondsPerStep)),
      product);
}

/// By hand: PE (0, 0) of an output-stationary array adds one product a step from the first on.
TEST(Waveform, ShowsThePartialSumGrowInAnOutputStationaryPe) {
  ArrayCase test = small_case(Dataflow::kOutputStationary);
  test.command.k = 6;
  test.draw(OperandKind::kFull, 9);
  std::vector<float> results = test.c;
  const Vcd vcd = waveform_of(test, results);
  float sum = 0;
  for (std::int64_t k = 0; k < 6; ++k) {
    const auto value = [&](const ArrayOperand& operand) {
      return test.decoder.decode(operand).value;
    };
    const auto at = static_cast<std::size_t>(k);
    sum = std::fma(value(test.a[at]), value(test.b[2 * at]), sum);
    const double shown = vcd.real("SystemC.array.pe_0_0.partial_sum", k * kPicosecondsPerStep);
    EXPECT_EQ(static_cast<float>(shown), sum) << k;
  }
  EXPECT_EQ(results[0], sum);
}

TEST(Waveform, NumbersThePesOfAGridOn) {
  ArrayCase test = small_case(Dataflow::kWeightStationary);
  test.spec.grid = {1, 2};
  std::vector<float> results = test.c;
  const Vcd vcd = waveform_of(test, results);
  EXPECT_TRUE(vcd.has("SystemC.array.pe_1_3.across_code"));
  // The second array has the second column of B to itself.
  EXPECT_EQ(vcd.integer("SystemC.array.pe_0_2.stationary_code", 2 * kPicosecondsPerStep),
            test.b[1].code);
}

TEST(Waveform, NeedsPes) {
  ArraySpec spec;
  EXPECT_NO_THROW(check_traceable(Fidelity::kPe, spec));
  EXPECT_THROW(check_traceable(Fidelity::kTile, spec), InputError);
  spec.grid = {1, 2};
  EXPECT_THROW(check_traceable(Fidelity::kPe, spec), InputError);
}

}  // namespace
}  // namespace mxsim
