// Patches of the re-quantizer: which work needs them, and what a byte costs in them.
#include "models/energy/patch_cost.h"

#include <gtest/gtest.h>

#include "models/chip/requant_patch.h"
#include "models/energy/energy_model.h"
#include "models/workload/lower.h"
#include "tests/support/small_graphs.h"
#include "tests/support/technology.h"

namespace mxsim {
namespace {

std::vector<WorkFormats> in_use(const char* format, TransposePolicy transpose) {
  LoweringPolicy policy;
  policy.batch = 64;
  policy.wide = parse_format("bf16");
  policy.formats.format = parse_format(format);
  policy.formats.transpose = transpose;
  return formats_in_use(lower(mlp({32, 96, 160, 32}), policy));
}

std::int64_t rows(const char* format, TransposePolicy transpose) {
  return in_use(format, transpose).front().patch_rows;
}

// Copies that come with the results wait in the accumulator buffer; only loads pass patches.
TEST(RequantPatches, AreNeededWhereBlocksOfSeveralRowsAreEncodedOnLoad) {
  EXPECT_EQ(rows("mxfp8_e4m3", TransposePolicy::kRequantizeOnLoad), 32);
  EXPECT_EQ(rows("mxfp8_e4m3", TransposePolicy::kWideCopy), 32);
  EXPECT_EQ(rows("mxfp8_e4m3:16", TransposePolicy::kWideCopy), 16);
  EXPECT_EQ(rows("mxsf", TransposePolicy::kWideCopy), 8);
  EXPECT_EQ(rows("mxfp8_e4m3", TransposePolicy::kDual), 0);
  EXPECT_EQ(rows("mxsf", TransposePolicy::kReuse), 0);
  EXPECT_EQ(rows("int8", TransposePolicy::kWideCopy), 0) << "one scale, known before";
  EXPECT_EQ(rows("bf16", TransposePolicy::kWideCopy), 0);
}

TEST(RequantPatches, FillBeforeTheFirstElementLeaves) {
  EXPECT_EQ(patch_fill(32, 64 * 100, 64), Cycles(32));
  EXPECT_EQ(patch_fill(32, 64 * 5 + 1, 64), Cycles(6)) << "a short last patch";
  EXPECT_EQ(patch_fill(0, 64 * 100, 64), Cycles(0));
}

// 45 nm, 1 KiB of 64-bit words (the table begins there): a read 1.66966 pJ, a write 3.49161 pJ.
// 64 lanes are 16 macros of four columns; there are two patches.
TEST(RequantPatches, CostAWordOfFourElementsWrittenAndRead) {
  const TechnologyTable table = shipped_technology();
  const std::vector<WorkFormats> work = in_use("mxfp8_e4m3", TransposePolicy::kRequantizeOnLoad);
  DramDevice device;
  device.energy = DramPerBit{2, 4, 2, 150};
  PricedChip chip;
  chip.clock_hz = 500e6;
  const EnergyModel with(chip, work, table, dram_costs(device, table));
  const double error = table.sram.model_error.value;
  EXPECT_NEAR(with.prices(work.front()).event_pj(Unit::kRequant, Event::kTransposedBytes),
              (1.66966 + 3.49161) / 8 * error, 1e-12);
  std::vector<WorkFormats> none = work;
  for (WorkFormats& each : none) each.patch_rows = 0;
  const EnergyModel without(chip, none, table, dram_costs(device, table));
  EXPECT_EQ(without.prices(work.front()).event_pj(Unit::kRequant, Event::kTransposedBytes), 0);
  EXPECT_NEAR(with.area().component_mm2(AreaComponent::kRequant) -
                  without.area().component_mm2(AreaComponent::kRequant),
              2 * 16 * 0.0035993 * error, 1e-9);
}

}  // namespace
}  // namespace mxsim
