#include "models/energy/iso_area.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "models/core/error.h"
#include "models/energy/efficiency.h"
#include "tests/support/technology.h"

namespace mxsim {
namespace {

std::vector<WorkFormats> only(const char* format) {
  const FormatSpec spec = parse_format(format);
  return {{spec, spec, spec}};
}

double area(const PricedChip& chip, const char* format) {
  return chip_area(chip, only(format), shipped_technology()).total_mm2();
}

TEST(SizedToArea, AChipFilledToItsOwnAreaKeepsItsArray) {
  const PricedChip chip;
  for (const FormatSpec& format : format_table()) {
    const PricedChip same = sized_to_area(chip, only(format.name.c_str()), shipped_technology(),
                                          area(chip, format.name.c_str()));
    EXPECT_EQ(same.array.rows, chip.array.rows) << format.name;
    EXPECT_EQ(same.array.cols, chip.array.cols) << format.name;
  }
}

TEST(SizedToArea, ANarrowFormatGetsMorePesThatStillFitAndNoneMoreWould) {
  const PricedChip chip;
  const double silicon = area(chip, "bf16");
  for (const char* format : {"mxsf", "mxfp8_e4m3", "mxint8"}) {
    PricedChip sized = sized_to_area(chip, only(format), shipped_technology(), silicon);
    EXPECT_GT(sized.array.rows * sized.array.cols, 1024) << format;
    EXPECT_LE(area(sized, format), silicon * (1 + 1e-9)) << format;
    const double ratio =
        static_cast<double>(sized.array.cols) / static_cast<double>(sized.array.rows);
    EXPECT_GE(ratio, 0.8) << format;
    EXPECT_LE(ratio, 1.25) << format;
    ++sized.array.rows;
    EXPECT_GT(area(sized, format), silicon) << format;
  }
}

/// The most PEs of any array near the chip's ratio of 1 that fits.
std::int64_t most_pes(PricedChip chip, double silicon, std::int64_t edge) {
  std::int64_t most = 0;
  for (std::int64_t rows = 1; rows < 40; ++rows) {
    for (std::int64_t cols = 1; cols <= 50; ++cols) {
      const bool near = rows == 1 || (4 * cols <= 5 * rows && 4 * rows <= 5 * cols);
      if (!near || rows % edge != 0 || cols % edge != 0) continue;
      chip.array.rows = rows;
      chip.array.cols = cols;
      if (area(chip, "mxsf") <= silicon) most = std::max(most, rows * cols);
    }
  }
  return most;
}

// Transposers grow with the edges, so more PEs do not always take more silicon.
TEST(SizedToArea, GivesTheMostPesOfAllArraysOfTheRatioThatFit) {
  PricedChip chip;
  chip.array.rows = chip.array.cols = 16;
  chip.array.grid = {1, 2};
  const double silicon = area(chip, "bf16");
  for (const std::int64_t edge : {1, 4, 8}) {
    for (const double share : {0.9, 1.0, 1.03, 1.2}) {
      const PricedChip sized =
          sized_to_area(chip, only("mxsf"), shipped_technology(), silicon * share, edge);
      EXPECT_EQ(sized.array.rows % edge, 0) << edge;
      EXPECT_EQ(sized.array.cols % edge, 0) << edge;
      EXPECT_EQ(sized.array.rows * sized.array.cols, most_pes(chip, silicon * share, edge))
          << edge << " " << share;
      EXPECT_LE(area(sized, "mxsf"), silicon * share) << edge << " " << share;
    }
  }
}

TEST(SizedToArea, AnOblongArrayStaysOblong) {
  PricedChip chip;
  chip.array.rows = 16;
  chip.array.cols = 64;
  const PricedChip sized =
      sized_to_area(chip, only("mxsf"), shipped_technology(), area(chip, "bf16"));
  EXPECT_GE(sized.array.cols, 4 * sized.array.rows / 1.25);
  EXPECT_LE(sized.array.cols, 4 * sized.array.rows * 1.25);
}

TEST(SizedToArea, AnAreaThatTheBuffersAloneExceedIsRefused) {
  EXPECT_THROW(sized_to_area(PricedChip{}, only("mxsf"), shipped_technology(), 1), InputError);
  const double few = area(PricedChip{}, "mxsf");
  EXPECT_NO_THROW(sized_to_area(PricedChip{}, only("mxsf"), shipped_technology(), few, 32));
  EXPECT_THROW(sized_to_area(PricedChip{}, only("mxsf"), shipped_technology(), few, 33),
               InputError);
}

// 10^9 MACs in 10 ms at 50 mJ on 4 mm^2: 0.2 TOPS, 5 W.
TEST(Efficiency, CountsTwoOperationsAMac) {
  const Efficiency result = efficiency(1'000'000'000, 0.01, 50e9, 4);
  EXPECT_DOUBLE_EQ(result.tops, 0.2);
  EXPECT_DOUBLE_EQ(result.tops_per_w, 0.04);
  EXPECT_DOUBLE_EQ(result.tops_per_mm2, 0.05);
  EXPECT_DOUBLE_EQ(result.average_power_w, 5);
  EXPECT_DOUBLE_EQ(result.energy_delay_product_js, 5e-4);
}

TEST(Efficiency, OfNothingIsNothing) {
  const Efficiency result = efficiency(0, 0, 0, 0);
  EXPECT_EQ(result.tops, 0);
  EXPECT_EQ(result.tops_per_w, 0);
  EXPECT_EQ(result.average_power_w, 0);
}

// CACTI at 45 nm, LSTP, pJ of a read and a write of 1024 bits: 533.338 and 654.149 of 256 KiB in
// 4 banks; 4.12432 and 4.99484 of 8 KiB x 32 bits, 32 times.
TEST(BufferMacros, AnAccumulatorBufferIsOneMacroABankOrSlices) {
  const auto accumulator = [](AccessPrice access, std::int64_t slices) {
    PricedChip chip;
    BufferSpec& buffer = chip.buffers.at("accumulator");
    buffer.access = access;
    buffer.slices = slices;
    for (const BufferMacro& macro : buffer_macros(chip, only("mxsf"), shipped_technology().sram)) {
      if (macro.name == "accumulator") return macro.macro;
    }
    return SramMacro{};
  };
  const SramMacro whole = accumulator(AccessPrice::kMacro, 1);
  EXPECT_NEAR(whole.read_pj, 533.338, 1e-3);
  EXPECT_NEAR(whole.write_pj, 654.149, 1e-3);
  EXPECT_EQ(accumulator(AccessPrice::kTechnology, 1).read_pj, whole.read_pj);
  const SramMacro bank = accumulator(AccessPrice::kBank, 1);
  EXPECT_LT(bank.read_pj, whole.read_pj / 4);
  EXPECT_EQ(bank.area_mm2, whole.area_mm2);
  const SramMacro sliced = accumulator(AccessPrice::kMacro, 32);
  EXPECT_NEAR(sliced.read_pj, 32 * 4.12432, 1e-3);
  EXPECT_NEAR(sliced.write_pj, 32 * 4.99484, 1e-3);
  EXPECT_EQ(sliced.area_mm2, 32 * shipped_technology().sram.table.buffer(8192, 32, 4).area_mm2);
}

}  // namespace
}  // namespace mxsim
