// Arithmetic, report and price of a pair of formats say the same of its accumulator.
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>
#include <string>

#include "tests/support/command.h"

namespace mxsim {
namespace {

using nlohmann::json;
using ::testing::Contains;
using ::testing::HasSubstr;

constexpr const char* kTinyCnn = MXSIM_ROOT "/configs/runs/tiny_cnn_train.json";

json json_of(std::vector<std::string> arguments) {
  arguments.emplace_back("--json");
  const CommandResult result = run_command(arguments);
  EXPECT_EQ(result.exit_code, 0) << result.err;
  return json::parse(result.out);
}

json gemm(const std::string& format, std::vector<std::string> more = {}) {
  std::vector<std::string> arguments{"gemm",
                                     "24",
                                     "20",
                                     "100",
                                     "--array",
                                     "8x8",
                                     "--format",
                                     format,
                                     "--check",
                                     "--chip",
                                     MXSIM_ROOT "/configs/chips/mxsafe-32x32.json"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return json_of(arguments);
}

json run(std::vector<std::string> more) {
  std::vector<std::string> arguments{"run", kTinyCnn};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return json_of(arguments);
}

std::int64_t count(const json& report, const char* event) {
  return report["events"].value(event, std::int64_t{0});
}

std::vector<std::string> multiply_accumulates(const json& report) {
  std::vector<std::string> names;
  for (const json& term : report["energy_terms"]) {
    const auto name = term["name"].get<std::string>();
    if (name.starts_with("mac ")) names.push_back(name);
  }
  return names;
}

TEST(Accumulator, OfIntegersHasThirtyTwoBitsAndCostsLessThanAFloatingPointOne) {
  for (const char* format : {"int8", "uint8", "int4"}) {
    for (const char* dataflow : {"ws", "os", "is"}) {
      for (const char* fidelity : {"tile", "pe"}) {
        const json report = gemm(format, {"--dataflow", dataflow, "--fidelity", fidelity});
        EXPECT_EQ(report["accumulator"], "fixed") << format;
        EXPECT_EQ(report["accumulator_bits"], 32) << format;
        EXPECT_EQ(report["check"], "equal") << format << ' ' << dataflow << ' ' << fidelity;
      }
    }
  }
  const json e4m3 = gemm("mxfp8_e4m3", {"--dataflow", "os"});
  for (const char* format : {"int8", "int4"}) {
    const json os = gemm(format, {"--dataflow", "os"});
    EXPECT_LT(os["energy_pj"]["pe"], e4m3["energy_pj"]["pe"]);
  }
  // 9-bit differences: 3.72 * 81 + 3.14 * 65 + 1.92 * 50 fJ.
  EXPECT_THAT(multiply_accumulates(run({"--format", "uint8"})),
              Contains("mac int9 x int9 fixed32"));
  EXPECT_EQ(gemm("mxint8")["accumulator"], "fp32");
}

TEST(Accumulator, ThatAPairCannotHaveIsRefusedByName) {
  struct Row {
    std::vector<std::string> options;
    const char* message;
  };
  const Row kRows[] = {
      {{"--format", "nvfp4", "--accumulator", "exact_block"},
       "--accumulator: sums exact_block of nvfp4 and nvfp4: nvfp4 has no exact integer view: a "
       "tensor scale over its block scales\n"},
      {{"--format", "mxfp8_e5m2", "--accumulator", "fixed", "--accumulator-bits", "24"},
       "--accumulator: sums fixed, 24 bits of mxfp8_e5m2 and mxfp8_e5m2: mxfp8_e5m2 has no exact "
       "integer view: 32 bits in fixed point, more than 24\n"},
  };
  for (const Row& row : kRows) {
    std::vector<std::string> arguments{"gemm", "8", "8", "32"};
    arguments.insert(arguments.end(), row.options.begin(), row.options.end());
    const CommandResult result = run_command(arguments);
    EXPECT_EQ(result.exit_code, 2);
    EXPECT_EQ(result.err, row.message);
  }
}

// Products of E5M2 are rounded one by one, four a step, and paid for as such.
TEST(Accumulator, OfDotProductsWithoutAnIntegerViewRoundsEveryProduct) {
  const json four = gemm("mxfp8_e5m2", {"--dot-product", "8:4"});
  const json one = gemm("mxfp8_e5m2");
  EXPECT_EQ(four["dot_product_width"], 4);
  EXPECT_EQ(four["check"], "equal");
  EXPECT_EQ(count(four, "block_accumulate"), 0);
  EXPECT_EQ(count(four, "mac"), count(one, "mac"));
  EXPECT_GT(count(gemm("mxsf", {"--dot-product", "8:4"}), "block_accumulate"), 0);
}

TEST(Accumulator, IsSetByFormat) {
  const std::string exact = "/chip/array/accumulator=exact_block";
  const std::string by_format =
      R"(/chip/array/accumulators=[{"formats": ["mxsf"], "accumulator": "fixed", "accumulator_bits": 24}])";
  EXPECT_THAT(multiply_accumulates(run({"--set", exact})), Contains("mac e3m2+e2m5 exact_block"));
  const json fixed = run({"--set", exact, "--set", by_format});
  EXPECT_THAT(multiply_accumulates(fixed), Contains("mac e3m2+e2m5 x e3m2+e2m5 fixed24"));
  EXPECT_THAT(fixed["assumptions"],
              Contains("products of mxsf and mxsf are added in fixed, 24 bits"));
  const json other = run({"--format", "mxint8", "--set", exact, "--set", by_format});
  EXPECT_THAT(other["assumptions"],
              Contains("products of mxint8 and mxint8 are added in exact_block"));
  const CommandResult unknown =
      run_command({"run", kTinyCnn, "--set",
                   R"(/chip/array/accumulators=[{"formats": ["mxfs"], "accumulator": "fp32"}])"});
  EXPECT_EQ(unknown.exit_code, 2);
  EXPECT_THAT(unknown.err, HasSubstr("unknown format \"mxfs\", did you mean \"mxsf\"?"));
}

TEST(Accumulator, OfAPairThatARunCannotAddIsRefusedWithItsLayer) {
  const CommandResult result = run_command(
      {"run", kTinyCnn, "--format", "mxfp8_e5m2", "--set", "/chip/array/accumulator=exact_block"});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.err, HasSubstr("/chip/array/accumulator: conv1: sums exact_block of "
                                    "mxfp8_e5m2 and mxfp8_e5m2: mxfp8_e5m2 has no exact"));
}

// The gradient of a strided 1x1 convolution has phases without products, which have no sums.
TEST(Accumulator, ChunksServeTrainingStepsInBothFidelities) {
  const json tile = run({"--set", "/chip/array/accumulator_chunk=4"});
  const json pe = run({"--set", "/chip/array/accumulator_chunk=4", "--fidelity", "pe"});
  EXPECT_EQ(tile["totals"]["cycles"], pe["totals"]["cycles"]);
  EXPECT_EQ(tile["events"], pe["events"]);
  EXPECT_GT(count(tile, "block_accumulate"), 0);
}

TEST(ZeroGating, SkipsNothingUntilZerosAreStated) {
  const json plain = run({});
  const json gated = run({"--set", "/chip/array/zero_gating=on"});
  EXPECT_EQ(count(gated, "mac_gated"), 0);
  EXPECT_EQ(count(gated, "mac"), count(plain, "mac"));
  EXPECT_THAT(gated["assumptions"],
              Contains("zero gating skips no product: the run file states no zeros"));
}

// Half of the activations and a quarter of the weights: 1 - 0.5 * 0.75 of the products of forward
// GEMMs, which read both; each command rounds down.
TEST(ZeroGating, SkipsTheStatedShareOfProductsInBothFidelities) {
  const std::vector<std::string> stated{
      "--set", "/chip/array/zero_gating=on", "--set",
      R"(/zeros=[{"layers": "conv.*", "passes": ["forward"], "activations": 0.5, "weights": 0.25}])"};
  const json tile = run(stated);
  std::int64_t forward = 0;
  std::int64_t other = 0;
  for (const json& layer : tile["layers"]) {
    const bool is_stated =
        layer["pass"] == "forward" && layer["name"].get<std::string>().starts_with("conv");
    (is_stated ? forward : other) += layer["macs"].get<std::int64_t>();
  }
  ASSERT_GT(forward, 0);
  EXPECT_NEAR(static_cast<double>(count(tile, "mac_gated")), 0.625 * static_cast<double>(forward),
              100);
  EXPECT_EQ(count(tile, "mac") + count(tile, "mac_gated"), forward + other);
  std::vector<std::string> on_pes = stated;
  on_pes.insert(on_pes.end(), {"--fidelity", "pe"});
  EXPECT_EQ(run(on_pes)["events"], tile["events"]);
  const CommandResult none = run_command(
      {"run", kTinyCnn, "--set", R"(/zeros=[{"layers": "relu9", "activations": 0.5}])"});
  EXPECT_EQ(none.exit_code, 2);
  EXPECT_THAT(none.err, HasSubstr("/zeros/0/layers: \"relu9\" matches no layer"));
}

}  // namespace
}  // namespace mxsim
