#include "models/mapping/memory/traffic_bound.h"

#include <gtest/gtest.h>

#include <cmath>

#include "models/formats/format_table.h"
#include "tests/support/sample_work.h"

namespace mxsim {
namespace {

constexpr Bytes kMegabyte{1 << 20};

DataLayout layout(const char* format) {
  const FormatSpec spec = parse_format(format);
  return {spec, spec.default_block};
}

/// m x k times k x n, results stored as `result`.
OpList product(std::int64_t m, std::int64_t k, std::int64_t n, const char* operand,
               const char* result) {
  OpList ops;
  ops.tensors.push_back({"a", TensorRole::kActivation, m, k, layout(operand)});
  ops.tensors.push_back({"b", TensorRole::kWeight, k, n, layout(operand)});
  ops.tensors.push_back({"c", TensorRole::kActivation, m, n, layout(result)});
  GemmWork work;
  work.h.in = work.h.out = m;
  work.channels = k;
  work.n = n;
  work.a = 0;
  work.b = 1;
  work.format_a = work.format_b = parse_format(operand);
  OpGroup group;
  group.rows = m;
  group.cols = n;
  group.gemms = {work};
  group.writes = {{2, Encoding::kConvert}};
  ops.groups.push_back(group);
  return ops;
}

TEST(TrafficBound, IsEveryOperandAndResultOnceWhereAllFitsTheChip) {
  const OpList ops = product(64, 128, 32, "bf16", "bf16");
  const TrafficBound bound = traffic_bound(ops, ops.groups[0], kMegabyte);
  EXPECT_EQ(bound.read, Bytes((64 * 128 + 128 * 32) * 2));
  EXPECT_EQ(bound.written, Bytes(64 * 32 * 2));
}

TEST(TrafficBound, CountsTheScalesOfWholeBlocks) {
  const OpList ops = product(64, 128, 32, "mxsf", "bf16");
  EXPECT_EQ(traffic_bound(ops, ops.groups[0], kMegabyte).read,
            Bytes((64 * 128 + 128 * 32) + (64 * 128 + 128 * 32) / 64));
}

// m = n = k = 8192 in BF16, S = 1 MiB: 2 * 2^39 * sqrt(2 * 2 * 4 / 2^20) = 2^32 bytes, less
// 2 S = 2^21 and 4 m n = 2^28.
TEST(TrafficBound, GrowsWithTheProductsOverTheRootOfTheCapacityWhereLittleFits) {
  const OpList ops = product(8192, 8192, 8192, "bf16", "bf16");
  const TrafficBound bound = traffic_bound(ops, ops.groups[0], kMegabyte);
  EXPECT_EQ(bound.read, Bytes((std::int64_t{1} << 32) - (1 << 21) - (1 << 28)));
}

TEST(TrafficBound, LeavesOutInputsThatAStrideSkips) {
  WindowAxis axis;
  axis.in = 8;
  axis.out = 4;
  axis.stride = 2;
  EXPECT_EQ(used_inputs(axis), 4);
  axis.taps = axis.kernel = 2;
  EXPECT_EQ(used_inputs(axis), 8);
  axis.taps = axis.kernel = 3;
  axis.pad = 1;
  EXPECT_EQ(used_inputs(axis), 8);
}

TEST(TrafficBound, LeavesOutInputsBetweenDilatedTaps) {
  WindowAxis axis;
  axis.in = 9;
  axis.out = 2;
  axis.taps = axis.kernel = 2;
  axis.dilation = 4;
  axis.stride = 4;
  EXPECT_EQ(used_inputs(axis), 3);  // 0, 4 and 8
}

// The phases of the sample's strided data gradient read dY and the only tap of W once.
TEST(TrafficBound, CountsATensorOnceForAllPhasesThatReadIt) {
  const OpList ops = testing::sample_work(parse_format("bf16"), {1, 1});
  const OpGroup& phases = ops.groups.back();
  ASSERT_EQ(phases.gemms.size(), 4U);
  EXPECT_EQ(traffic_bound(ops, phases, kMegabyte).read, Bytes((2 * 16 * 11 + 9 * 11) * 2));
}

TEST(TrafficBound, LeavesOutWhatIsKeptOnTheChip) {
  const OpList ops = product(64, 128, 32, "bf16", "bf16");
  EXPECT_EQ(traffic_bound(ops, ops.groups[0], kMegabyte, KeptTensors{{0}, {}, {}}).read,
            Bytes(128 * 32 * 2));
  EXPECT_EQ(traffic_bound(ops, ops.groups[0], kMegabyte, KeptTensors{{}, {2}, {}}).written,
            Bytes(0));
}

}  // namespace
}  // namespace mxsim
