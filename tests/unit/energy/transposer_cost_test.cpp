#include "models/energy/transposer_cost.h"

#include <gtest/gtest.h>

#include <array>

#include "models/energy/energy_model.h"
#include "tests/support/technology.h"

namespace mxsim {
namespace {

std::vector<WorkFormats> only(const char* format) {
  const FormatSpec spec = parse_format(format);
  return {{spec, spec, spec}};
}

std::map<std::string, std::int64_t> register_bits(const PricedChip& chip, const char* format) {
  std::map<std::string, std::int64_t> bits;
  for (const TransposerBlock& block : transposer_blocks(chip, only(format))) {
    bits[block.buffer] = block.register_bits;
  }
  return bits;
}

PricedChip with_dataflow(PricedChip chip, Dataflow forward, Dataflow gradients) {
  chip.array.dataflow = {forward, gradients, gradients};
  return chip;
}

using Bits = std::map<std::string, std::int64_t>;

// 32 rows and columns take 4 units of 64 registers at each edge.
TEST(Transposers, HaveAUnitForEveryEightElementsThatEnterTheArrayInAStep) {
  const PricedChip chip;
  EXPECT_EQ(register_bits(chip, "bf16"), (Bits{{"input", 4 * 64 * 16}, {"weight", 4 * 64 * 16}}));
  EXPECT_EQ(register_bits(chip, "mxsf"), (Bits{{"input", 4 * 64 * 8}, {"weight", 4 * 64 * 8}}));
  PricedChip oblong = chip;
  oblong.array.rows = 17;
  oblong.array.cols = 64;
  EXPECT_EQ(register_bits(oblong, "mxsf"), (Bits{{"input", 3 * 64 * 8}, {"weight", 8 * 64 * 8}}));
  oblong.array.grid = {2, 3};
  EXPECT_EQ(register_bits(oblong, "mxsf"),
            (Bits{{"input", 2 * 3 * 64 * 8}, {"weight", 3 * 8 * 64 * 8}}));
}

// Activations that stay in the PEs are loaded along the columns.
TEST(Transposers, AreAsWideAsTheWidestPassOfAnyDataflowNeeds) {
  PricedChip chip;
  chip.array.rows = 16;
  chip.array.cols = 64;
  constexpr Dataflow kWs = Dataflow::kWeightStationary;
  constexpr Dataflow kIs = Dataflow::kInputStationary;
  const Bits across{{"input", 8 * 64 * 8}, {"weight", 2 * 64 * 8}};
  EXPECT_EQ(register_bits(with_dataflow(chip, kIs, kIs), "mxsf"), across);
  const Bits both{{"input", 8 * 64 * 8}, {"weight", 8 * 64 * 8}};
  EXPECT_EQ(register_bits(with_dataflow(chip, kWs, kIs), "mxsf"), both);
  chip.array.dot_product = {{8, 4}};
  EXPECT_EQ(register_bits(chip, "mxsf"), (Bits{{"input", 8 * 64 * 8}, {"weight", 32 * 64 * 8}}));
}

TEST(Transposers, OfABufferTurnTheOperandsOfEveryEdgeThatItFeeds) {
  PricedChip chip;
  chip.array.cols = 64;
  constexpr std::int64_t kLeft = 4 * 64 * 8;
  constexpr std::int64_t kRight = 8 * 64 * 8;
  using enum BufferRole;
  BufferSpec spec;
  chip.buffers["gradient"] = spec;
  chip.buffers["gradient"].roles = {kGradients};
  EXPECT_EQ(register_bits(chip, "mxsf"),
            (Bits{{"gradient", kRight}, {"input", kLeft}, {"weight", kRight}}));
  spec.roles = {kActivations, kWeights, kGradients, kAccumulators};
  chip.buffers = {{"shared", spec}};
  EXPECT_EQ(register_bits(chip, "mxsf"), (Bits{{"shared", kLeft + kRight}}));
}

TEST(Transposers, AreThereOnlyWhereABufferReadsColumnsThroughThem) {
  PricedChip chip;
  chip.buffers["input"].transposed_read = TransposedRead::kGather;
  EXPECT_EQ(register_bits(chip, "mxsf"), (Bits{{"weight", 4 * 64 * 8}}));
  chip.buffers["weight"].transposed_read = TransposedRead::kSecondPort;
  EXPECT_EQ(register_bits(chip, "mxsf"), Bits{});
  EXPECT_EQ(
      chip_area(chip, only("mxsf"), shipped_technology()).component_mm2(AreaComponent::kTransposer),
      0);
}

// A flop of 5.67 and a multiplexer of 2.70 NAND2 a bit; 1.92 and 0.452 fJ for each of the 8 a bit
// passes.
TEST(Transposers, CostTheRegistersAndMultiplexersOfTheDatapathFit) {
  const TechnologyTable table = shipped_technology();
  EXPECT_NEAR(transposer_nand2({"input", 2048}, table).value(), 2048 * (5.67 + 2.70), 1e-6);
  const PricedChip chip;
  const double mm2 = chip_area(chip, only("mxsf"), table).component_mm2(AreaComponent::kTransposer);
  EXPECT_NEAR(mm2, 2 * 2048 * 8.37 * 0.91e-6, 1e-9);
  PricedChip clocked = chip;
  clocked.clock_hz = 5e8;
  const PriceList list = EnergyModel(clocked, only("mxsf"), table, {}).prices(only("mxsf").front());
  for (const Unit unit : {Unit::kSramInput, Unit::kSramWeight, Unit::kSramGradient}) {
    EXPECT_NEAR(list.event_pj(unit, Event::kTransposedBytes), 64 * (1.92 + 0.452) * 1e-3, 1e-12);
  }
  EXPECT_EQ(list.event_pj(Unit::kSramAccumulator, Event::kTransposedBytes), 0);
}

/// The mesh register by register: a step shifts everything down or to the right.
class Mesh {
 public:
  static constexpr std::int64_t kSide = kTransposerSide;
  using Vector = std::array<int, kSide>;

  Vector step(const Vector& in) {
    const bool down = steps_++ / kSide % 2 == 0;
    Vector out;
    for (std::size_t lane = 0; lane < kSide; ++lane) {
      out[lane] = at(kSide - 1, lane, down);
      for (std::size_t depth = kSide - 1; depth > 0; --depth) {
        at(depth, lane, down) = at(depth - 1, lane, down);
      }
      at(0, lane, down) = in[lane];
      writes_ += kSide;
    }
    return out;
  }
  std::int64_t writes() const { return writes_; }

 private:
  int& at(std::size_t depth, std::size_t lane, bool down) {
    return down ? cells_[depth][lane] : cells_[lane][depth];
  }

  std::array<Vector, kSide> cells_{};
  std::int64_t steps_ = 0;
  std::int64_t writes_ = 0;
};

TEST(Transposers, GiveAColumnInEveryStepAfterTheFirstEightWithOneSetOfRegisters) {
  constexpr std::int64_t kTiles = 5;
  constexpr std::int64_t kSide = kTransposerSide;
  const auto element = [](std::int64_t tile, std::int64_t row, std::int64_t column) {
    return static_cast<int>(1 + (tile * kSide + row) * kSide + column);
  };
  Mesh mesh;
  for (std::int64_t step = 0; step < (kTiles + 1) * kSide; ++step) {
    const std::int64_t tile = step / kSide;
    const std::int64_t at = step % kSide;
    Mesh::Vector row{};
    for (std::int64_t j = 0; j < kSide; ++j) {
      row[static_cast<std::size_t>(j)] = element(tile, at, j);
    }
    const Mesh::Vector out = mesh.step(row);
    for (std::int64_t i = 0; tile > 0 && i < kSide; ++i) {
      // The last column and the last row lead.
      EXPECT_EQ(out[static_cast<std::size_t>(i)], element(tile - 1, kSide - 1 - i, kSide - 1 - at));
    }
  }
  EXPECT_EQ(mesh.writes(), kTransposerSide * (kTiles + 1) * kSide * kSide);
  EXPECT_EQ(kTransposerMoves, 8 * kSide);
}

}  // namespace
}  // namespace mxsim
