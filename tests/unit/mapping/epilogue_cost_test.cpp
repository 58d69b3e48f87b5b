#include "models/mapping/search/epilogue_cost.h"

#include <gtest/gtest.h>

#include "models/formats/format_table.h"
#include "models/memory/built_buffer.h"

namespace mxsim {
namespace {

/// Many lanes, so that ports decide: a slot of two banks moves 64 bytes a cycle.
MapperChip chip_with_many_lanes() {
  BufferSpec spec{Bytes(65536), 4};
  spec.width_bits = 256;
  const std::vector<BuiltBuffer> built =
      built_buffers(separate_buffers(spec, spec, spec), {{8}, {8}, {32}});
  VectorSpec vector;
  vector.lanes = 4096;
  vector.pipeline_latency_cycles = 7;
  return {ArraySpec{}, *geometry_of(Unit::kSramInput, built),
          *geometry_of(Unit::kSramWeight, built), *geometry_of(Unit::kSramAccumulator, built),
          vector};
}

/// Results in bf16, of so many taps.
EpilogueCost cost_of(std::int64_t taps) {
  StoredTensor result;
  result.layout.format = parse_format("bf16");
  OpGroup group;
  group.writes = {{0, Encoding::kConvert}};
  GemmWork work;
  work.h.taps = taps;
  work.format_a = work.format_b = parse_format("mxsf");
  group.gemms = {work};
  return epilogue_cost(group, work, {result}, chip_with_many_lanes());
}

TEST(EpilogueCost, OfAResultIsItsSumReadAndItsStoredFormWritten) {
  EXPECT_DOUBLE_EQ(cost_of(1).vector, (4 + 2) / 64.0);
  EXPECT_EQ(cost_of(1).drain, 7);
}

// A stride beyond the kernel leaves gradients that are zero: the vector unit writes them.
TEST(EpilogueCost, OfAZeroReadsNoSum) {
  EXPECT_DOUBLE_EQ(cost_of(0).vector, 2 / 64.0);
  EXPECT_EQ(cost_of(0).drain, 7);
}

}  // namespace
}  // namespace mxsim
