#include "models/mapping/chip/array_step.h"

#include <gtest/gtest.h>

#include <tuple>

#include "models/formats/format_table.h"
#include "models/memory/built_buffer.h"

namespace mxsim {
namespace {

/// 64 x 64 times 64 x 64, whose vectors are 32 elements long.
ArrayCommand step(const MapperChip& chip, const char* a, const char* b = "mxsf") {
  GemmWork work;
  work.images = 64;
  work.channels = 64;
  work.n = 64;
  work.format_a = parse_format(a);
  work.format_b = parse_format(b);
  const GemmTile tile{
      .images = {0, 64}, .h = {0, 1}, .w = {0, 1}, .channels = {0, 64}, .n = {0, 64}};
  return array_command(chip, Pass::kForward, work, tile, Accumulate::kOverwrite);
}

/// Words of elements of 8 bits and of sums of 32 bits.
MapperChip chip_of(const BufferSpec& spec) {
  const std::vector<BuiltBuffer> built =
      built_buffers(separate_buffers(spec, spec, spec), {{8}, {8}, {32}});
  return {ArraySpec{}, *geometry_of(Unit::kSramInput, built),
          *geometry_of(Unit::kSramWeight, built), *geometry_of(Unit::kSramAccumulator, built),
          VectorSpec{}};
}

TEST(ArrayStep, IsAsLongAsTheSlotsPortsNeedForTheLongestVectors) {
  const BufferSpec spec{Bytes(65536), 4, 32};
  EXPECT_EQ(step(chip_of(spec), "mxsf").interval, Cycles(1));
  const BufferSpec narrow{Bytes(65536), 4, 8};
  EXPECT_EQ(step(chip_of(narrow), "mxsf").interval, Cycles(4));  // 32 sums read and written
  MapperChip chip = chip_of(spec);
  chip.input = SramGeometry(narrow, 8);
  EXPECT_EQ(step(chip, "mxsf").interval, Cycles(2));
  EXPECT_EQ(step(chip, "bf16").interval, Cycles(4));
}

// A row of weights has 32 x 16 elements of 8 bits: 16 words of 256 bits, once a pass; a slot's two
// banks hand over two a cycle.
TEST(ArrayStep, LoadsStationaryOperandsBesideTheStreamsThroughPortsOfTheirOwn) {
  MapperChip chip = chip_of({Bytes(65536), 4, 32});
  chip.array.rows = 2;
  chip.array.dot_product = {{24, 16}};
  const ArrayCommand command = step(chip, "mxsf");
  EXPECT_EQ(command.interval, Cycles(1));
  EXPECT_EQ(command.load.steps(2), 2 * 16 / 2);
  chip.array.dataflow.forward = Dataflow::kOutputStationary;
  EXPECT_EQ(step(chip, "mxsf").interval, Cycles(16 / 2));
}

// With 4 products a PE and step streams take 2 + 2 x 4 words a step; 16 vectors of a load 4 words
// each, once in a pass of 64 steps.
TEST(ArrayStep, GivesStationaryLoadsTheWordsThatStreamsLeaveOfSharedPorts) {
  for (const auto& [banks, interval, load_steps] :
       {std::tuple(10, 2, 16), std::tuple(11, 1, 64), std::tuple(12, 1, 32), std::tuple(13, 1, 22),
        std::tuple(14, 1, 16)}) {
    BufferSpec spec{Bytes(65536 * banks), banks};
    spec.width_bits = 256;
    spec.layout = BufferLayout::kInterleaved;
    spec.roles = {BufferRole::kActivations, BufferRole::kWeights, BufferRole::kAccumulators};
    const std::vector<BuiltBuffer> built = built_buffers({{"shared", spec}}, {{8}, {8}, {32}});
    MapperChip chip{ArraySpec{}, *geometry_of(Unit::kSramInput, built),
                    *geometry_of(Unit::kSramWeight, built),
                    *geometry_of(Unit::kSramAccumulator, built), VectorSpec{}};
    chip.array.dot_product = {{24, 4}};
    const ArrayCommand command = step(chip, "mxsf");
    EXPECT_EQ(command.interval, Cycles(interval)) << banks;
    EXPECT_EQ(command.load.steps(16), load_steps) << banks;
  }
}

TEST(ArrayStep, UsesThePortsOfAllBanksWhereWordsAreInterleaved) {
  BufferSpec narrow{Bytes(65536), 4, 8};
  narrow.layout = BufferLayout::kInterleaved;
  EXPECT_EQ(step(chip_of(narrow), "mxsf").interval, Cycles(2));
}

// 1 word each of the operands and 2 x 4 words of 8 sums: 10 words a step.
TEST(ArrayStep, AddsUpWhatLiesInOneInterleavedBuffer) {
  for (const auto& [banks, interval] :
       {std::pair(3, 4), std::pair(4, 3), std::pair(5, 2), std::pair(9, 2), std::pair(10, 1)}) {
    BufferSpec spec{Bytes(65536 * banks), banks};
    spec.width_bits = 256;
    spec.layout = BufferLayout::kInterleaved;
    spec.roles = {BufferRole::kActivations, BufferRole::kWeights, BufferRole::kAccumulators};
    const std::vector<BuiltBuffer> built = built_buffers({{"shared", spec}}, {{8}, {8}, {32}});
    const MapperChip chip{ArraySpec{}, *geometry_of(Unit::kSramInput, built),
                          *geometry_of(Unit::kSramWeight, built),
                          *geometry_of(Unit::kSramAccumulator, built), VectorSpec{}};
    EXPECT_EQ(step(chip, "mxsf").interval, Cycles(interval)) << banks;
  }
}

// The 32 elements of a column of the left operand are a word; beside it 1 word of the right operand
// and 2 x 4 words of sums.
TEST(ArrayStep, ReadsColumnsThroughAPortOfTheirOwnIfThereIsOne) {
  for (const auto& [banks, with_port, without] :
       {std::tuple(1, 9, 10), std::tuple(3, 3, 4), std::tuple(5, 2, 2), std::tuple(9, 1, 2)}) {
    BufferSpec spec{Bytes(65536 * banks), banks};
    spec.width_bits = 256;
    spec.layout = BufferLayout::kInterleaved;
    spec.roles = {BufferRole::kActivations, BufferRole::kWeights, BufferRole::kAccumulators};
    const auto interval = [&](TransposedRead read, std::int64_t ports) {
      spec.transposed_read = read;
      spec.ports = ports;
      const std::vector<BuiltBuffer> built = built_buffers({{"shared", spec}}, {{8}, {8}, {32}});
      MapperChip chip{ArraySpec{}, *geometry_of(Unit::kSramInput, built),
                      *geometry_of(Unit::kSramWeight, built),
                      *geometry_of(Unit::kSramAccumulator, built), VectorSpec{}};
      chip.array.dataflow.forward = Dataflow::kOutputStationary;
      return step(chip, "mxsf").interval.count();
    };
    EXPECT_EQ(interval(TransposedRead::kTransposer, 1), without) << banks;
    EXPECT_EQ(interval(TransposedRead::kSecondPort, 1), with_port) << banks;
    EXPECT_EQ(interval(TransposedRead::kSecondPort, 2), (with_port + 1) / 2) << banks;
  }
}

}  // namespace
}  // namespace mxsim
