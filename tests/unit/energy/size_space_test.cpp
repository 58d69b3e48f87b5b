#include "models/energy/size_space.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "models/core/error.h"
#include "tests/support/technology.h"

namespace mxsim {
namespace {

std::vector<WorkFormats> only(const char* format) {
  const FormatSpec spec = parse_format(format);
  return {{spec, spec, spec}};
}

const TechnologyTable& technology() {
  static const TechnologyTable table = shipped_technology();
  return table;
}

double area(const PricedChip& chip, const char* format) {
  return chip_area(chip, only(format), technology()).total_mm2();
}

PricedChip small_chip() {
  PricedChip chip;
  chip.array.rows = chip.array.cols = 16;
  for (auto& [name, buffer] : chip.buffers) buffer.bytes = Bytes(65536);
  return chip;
}

SizeSpace space(const PricedChip& chip, const char* format, double area_mm2, std::int64_t edge) {
  return {chip, only(format), technology(), area_mm2, edge};
}

/// Every size of the lattice that fits, counted one by one.
std::size_t brute_force(PricedChip chip, const char* format, double area_mm2, std::int64_t edge) {
  std::size_t fitting = 0;
  const PricedChip own = chip;
  for (std::int64_t rows = edge; rows <= 64; rows += edge) {
    for (std::int64_t cols = edge; cols <= 64; cols += edge) {
      const bool near = rows == edge ? 4 * cols <= std::max(5 * rows, 4 * edge)
                                     : 4 * cols <= 5 * rows && 4 * rows <= 5 * cols;
      if (!near) continue;
      for (int combination = 0; combination < 125; ++combination) {
        int rest = combination;
        for (auto& [name, buffer] : chip.buffers) {
          buffer.bytes = Bytes((own.buffers.at(name).bytes.count() / 4) << (rest % 5));
          rest /= 5;
        }
        chip.array.rows = rows;
        chip.array.cols = cols;
        fitting += area(chip, format) <= area_mm2 * (1 + 1e-9) ? 1 : 0;
      }
    }
  }
  return fitting;
}

TEST(SizeSpace, HoldsEverySizeThatFitsOnce) {
  const PricedChip chip = small_chip();
  const double silicon = area(chip, "bf16");
  for (const std::int64_t edge : {4, 8}) {
    for (const double share : {0.6, 1.0}) {
      const std::vector<ChipSizes> all = space(chip, "mxsf", silicon * share, edge).all();
      EXPECT_EQ(all.size(), brute_force(chip, "mxsf", silicon * share, edge)) << edge;
      EXPECT_GT(all.size(), 10u);
    }
  }
}

TEST(SizeSpace, NeighboursFitAndAreOfTheSpace) {
  const PricedChip chip = small_chip();
  const SizeSpace sizes = space(chip, "mxsf", area(chip, "bf16"), 4);
  const std::vector<ChipSizes> all = sizes.all();
  for (const ChipSizes& each : all) {
    for (const ChipSizes& near : sizes.neighbours(each)) {
      EXPECT_NE(near, each);
      EXPECT_NE(std::find(all.begin(), all.end(), near), all.end());
    }
  }
}

TEST(SizeSpace, AnAreaWithoutRoomForAnArrayIsRefused) {
  const PricedChip chip = small_chip();
  EXPECT_THROW(space(chip, "mxsf", 0.01, 8).starts(), InputError);
  // Beside smaller buffers than the chip's an array has room.
  const double less = area(chip, "mxsf") * 0.9;
  const std::vector<ChipSizes> starts = space(chip, "mxsf", less, 16).starts();
  ASSERT_FALSE(starts.empty());
  EXPECT_LT(starts.front().buffers.at("input"), Bytes(65536));
}

TEST(SizeSpace, SlicesFollowTheColumns) {
  PricedChip chip = small_chip();
  chip.buffers.at("accumulator").slices = 16;
  chip.buffers.at("input").slices = 2;
  ChipSizes sizes = sizes_of(chip.array, chip.buffers);
  sizes.cols = 24;
  set_sizes(sizes, chip.array, chip.buffers);
  EXPECT_EQ(chip.buffers.at("accumulator").slices, 24);
  EXPECT_EQ(chip.buffers.at("input").slices, 2);
}

double log_of(std::int64_t number) { return std::log(static_cast<double>(number)); }

/// Time falls with PEs as far as the memory lets it, traffic with the capacity of each buffer,
/// power rises with both: the least product lies inside the space or at its border by `memory`.
double energy_delay(const ChipSizes& sizes, double memory) {
  double traffic = 0;
  double leakage = 1;
  for (const auto& [name, bytes] : sizes.buffers) {
    traffic += memory / std::sqrt(static_cast<double>(bytes.count()));
    leakage += 1e-6 * static_cast<double>(bytes.count());
  }
  const auto pes = static_cast<double>(sizes.rows * sizes.cols);
  const double delay = 1 / pes + traffic;
  return delay * (1 + 0.3 * traffic + delay * (leakage + 0.001 * pes));
}

TEST(SearchSizes, FindsTheLeastValueOfTheWholeSpace) {
  const PricedChip chip = small_chip();
  for (const double share : {0.8, 1.0, 1.5}) {
    const SizeSpace sizes = space(chip, "mxsf", area(chip, "bf16") * share, 4);
    const std::vector<ChipSizes> all = sizes.all();
    for (const double memory : {0.0, 0.01, 0.3, 10.0}) {
      const auto value = [&](const ChipSizes& each) { return energy_delay(each, memory); };
      const SizeSearch search = search_sizes(sizes, value);
      double least = HUGE_VAL;
      for (const ChipSizes& each : all) least = std::min(least, value(each));
      EXPECT_EQ(search.tried[search.best].value, least) << share << " " << memory;
      EXPECT_LT(search.tried.size(), all.size());
      EXPECT_LE(search.start, search.best);
      for (const ValuedSizes& each : search.tried) {
        EXPECT_TRUE(sizes.fits(each.sizes));
        EXPECT_EQ(each.value, value(each.sizes));
      }
    }
  }
}

TEST(SearchSizes, PassesOverSizesThatTheWorkDoesNotFit) {
  const PricedChip chip = small_chip();
  const SizeSpace sizes = space(chip, "mxsf", area(chip, "bf16"), 8);
  const auto value = [](const ChipSizes& each) {
    return each.buffers.at("weight") < Bytes(65536) ? HUGE_VAL
                                                    : log_of(each.buffers.at("weight").count());
  };
  const SizeSearch search = search_sizes(sizes, value);
  EXPECT_EQ(search.tried[search.best].sizes.buffers.at("weight"), Bytes(65536));
}

}  // namespace
}  // namespace mxsim
