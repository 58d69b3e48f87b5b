// The MX tensor core of KU Leuven (arXiv 2511.06313): 8x8 PEs, 128 KiB of scratchpad in 32 banks, a
// DMA of 512 bits, 500 MHz; an 8x8x8 block takes 8 cycles in MXINT8, 2 in MXFP8 and MXFP6, 1 in
// MXFP4.
#include <gtest/gtest.h>

#include "models/arithmetic/dot_product.h"
#include "models/dataflow/closed_form.h"
#include "models/formats/format_table.h"
#include "sim/config/load.h"
#include "sim/run/run_once.h"

namespace mxsim {
namespace {

RunConfig configuration(const std::string& name) {
  return load_config<RunConfig>(MXSIM_ROOT "/configs/runs/ku_leuven_" + name + ".json",
                                {{"/batch", "1"}});
}

TEST(KuLeuven, ChipIsThePublishedOne) {
  const ChipConfig chip = configuration("resnet18_infer").chip;
  EXPECT_EQ(chip.clock_hz, 500'000'000);
  EXPECT_EQ(chip.array.pes(), 64);
  EXPECT_EQ(capacity(chip.buffers), Bytes(128 * 1024));
  EXPECT_EQ(chip.buffers.at("shared").banks, 32);
  EXPECT_EQ(chip.dma.bytes_per_cycle * 8, 512);
}

struct Rate {
  const char* format;
  std::int64_t block_cycles;
};

/// Passes of 8x8 results follow each other without a gap: a GEMM of P passes over K products takes
/// P K / width cycles and a fill and drain that depend on neither.
TEST(KuLeuven, CoreIsFilledAndDrainedOncePerTileWhateverItsSize) {
  const ArraySpec array = configuration("resnet18_infer").chip.array;
  for (const Rate& rate :
       {Rate{"mxint8", 8}, {"mxfp8_e4m3", 2}, {"mxfp6_e3m2", 2}, {"mxfp4_e2m1", 1}}) {
    const FormatSpec format = parse_format(rate.format);
    const std::int64_t width = dot_product_width(array, format, format);
    EXPECT_EQ(8 / width, rate.block_cycles) << rate.format;
    const auto overhead = [&](std::int64_t passes, std::int64_t blocks) {
      ArrayCommand command;
      command.dataflow = Dataflow::kOutputStationary;
      command.m = 8;
      command.n = 8 * passes;
      command.k = 8 * blocks;
      command.width = width;
      return closed_form(array, command).cycles.count() - passes * blocks * rate.block_cycles;
    };
    const std::int64_t once = overhead(4, 16);
    EXPECT_GT(once, 0);
    EXPECT_LE(once, 2 * (8 + 8)) << rate.format;
    for (const std::int64_t passes : {2, 4, 9}) {
      for (const std::int64_t blocks : {16, 17, 64}) {
        EXPECT_EQ(overhead(passes, blocks), once) << rate.format;
      }
    }
  }
}

class KuLeuvenRun : public ::testing::TestWithParam<const char*> {};

/// Whole run at most the core while it computes, that at most one.
TEST_P(KuLeuvenRun, UtilizationsAreBounded) {
  const RunReport report = run_once(configuration(GetParam()));
  EXPECT_LE(report.utilization, report.core_utilization);
  EXPECT_LE(report.core_utilization, 1);
  EXPECT_GT(report.core_utilization, 0.9);
  for (const LayerReport& layer : report.layers) {
    EXPECT_LE(layer.utilization, 1) << layer.name;
    EXPECT_LE(layer.core_utilization, 1) << layer.name;
    EXPECT_LE(layer.macs, layer.busy_slots) << layer.name;
  }
}

/// Lost: cycles without the array, and in the others what partial tiles, filling and draining
/// leave.
TEST_P(KuLeuvenRun, UtilizationIsTheCoresTimesTheShareOfCyclesInWhichItComputes) {
  const RunReport report = run_once(configuration(GetParam()));
  const UnitActivity& array = report.result.activity[static_cast<std::size_t>(Unit::kArray)];
  const double share =
      static_cast<double>(array.busy.count()) / static_cast<double>(report.result.cycles.count());
  EXPECT_NEAR(report.utilization, report.core_utilization * share, 1e-9);
}

INSTANTIATE_TEST_SUITE_P(ImageAtATime, KuLeuvenRun,
                         ::testing::Values("resnet18_infer", "resnet18_train"));

}  // namespace
}  // namespace mxsim
