#include "tests/support/sample_work.h"

#include <utility>

#include "models/formats/format_table.h"

namespace mxsim::testing {
namespace {

class Builder {
 public:
  Builder(const FormatSpec& format, BlockShape block) : narrow_{format, block} {}

  TensorId tensor(const char* name, TensorRole role, std::int64_t rows, std::int64_t cols) {
    return add(name, role, rows, cols, narrow_);
  }
  TensorId wide(const char* name, TensorRole role, std::int64_t rows, std::int64_t cols) {
    return add(name, role, rows, cols, {parse_format("fp32"), {}});
  }
  GemmWork work(TensorId a, TensorId b) const {
    GemmWork work;
    work.a = a;
    work.b = b;
    work.format_a = work.format_b = narrow_.format;
    work.block_a = work.block_b = narrow_.block;
    return work;
  }
  Encoding encoding() const {
    return narrow_.format.scale_bits > 0            ? Encoding::kQuantize
           : narrow_.format == parse_format("fp32") ? Encoding::kNone
                                                    : Encoding::kConvert;
  }

  OpList ops;

 private:
  TensorId add(const char* name, TensorRole role, std::int64_t rows, std::int64_t cols,
               const DataLayout& layout) {
    ops.tensors.push_back({name, role, rows, cols, layout});
    return static_cast<TensorId>(ops.tensors.size() - 1);
  }

  DataLayout narrow_;
};

OpGroup make_group(const char* layer, const char* op, Pass pass, std::int64_t rows,
                   std::int64_t cols) {
  OpGroup group;
  group.layer = layer;
  group.op = op;
  group.pass = pass;
  group.rows = rows;
  group.cols = cols;
  return group;
}

WindowAxis window_axis() {
  WindowAxis axis;
  axis.in = 13;
  axis.out = 7;
  axis.taps = axis.kernel = 3;
  axis.stride = 2;
  axis.pad = 1;
  return axis;
}

WindowAxis phase_axis(std::int64_t start) {
  WindowAxis axis;
  axis.in = axis.out = 4;
  axis.taps = start == 0 ? 1 : 0;
  axis.out_step = 2;
  axis.out_start = start;
  return axis;
}

constexpr std::int64_t kImages = 2, kIn = 13, kOut = 7, kChannels = 20, kFilters = 19;

void add_convolution(Builder& b, TensorId x, TensorId w, TensorId y) {
  GemmWork conv = b.work(x, w);
  conv.images = kImages;
  conv.h = conv.w = window_axis();
  conv.channels = kChannels;
  conv.n = kFilters;
  OpGroup group =
      make_group("conv", "conv2d+relu", Pass::kForward, kImages * kOut * kOut, kFilters);
  group.gemms.push_back(conv);
  group.vector_ops = {{Event::kVectorAdd, 1}, {Event::kVectorCompare, 1}};
  group.streamed_reads = {b.tensor("skip", TensorRole::kActivation, group.rows, group.cols)};
  group.broadcast_reads = {b.wide("bias", TensorRole::kStatistic, 1, kFilters)};
  group.writes = {{y, b.encoding()}};
  b.ops.groups.push_back(group);
}

void add_weight_gradient(Builder& b, TensorId x, TensorId dy) {
  GemmWork gradient = b.work(x, dy);
  gradient.kind = GemmKind::kWeightGradient;
  gradient.images = kImages;
  gradient.h = gradient.w = window_axis();
  gradient.channels = kChannels;
  gradient.n = kFilters;
  OpGroup group = make_group("conv", "conv2d", Pass::kBackwardWeight, 9 * kChannels, kFilters);
  group.gemms.push_back(gradient);
  group.writes = {
      {b.wide("dw", TensorRole::kWeightGradient, group.rows, group.cols), Encoding::kNone}};
  b.ops.groups.push_back(group);
}

/// dX of a 1x1 convolution of stride 2 on 8x8 inputs: one phase with one tap, three without.
void add_phases(Builder& b) {
  constexpr std::int64_t kSide = 8, kFrom = 11, kTo = 9;
  const TensorId dy = b.tensor("down.dy", TensorRole::kGradient, kImages * 16, kFrom);
  const TensorId w = b.tensor("down.w", TensorRole::kWeight, kTo, kFrom);
  OpGroup group = make_group("down", "conv2d", Pass::kBackwardData, kImages * kSide * kSide, kTo);
  for (std::int64_t y = 0; y < 2; ++y) {
    for (std::int64_t x = 0; x < 2; ++x) {
      GemmWork phase = b.work(dy, w);
      phase.images = kImages;
      phase.h = phase_axis(y);
      phase.w = phase_axis(x);
      phase.channels = kFrom;
      phase.n = kTo;
      phase.b_orientation = Orientation::kTransposed;
      group.gemms.push_back(phase);
    }
  }
  group.writes = {{b.tensor("down.dx", TensorRole::kGradient, group.rows, kTo), b.encoding()}};
  b.ops.groups.push_back(group);
}

void add_stream(Builder& b, TensorId y) {
  OpGroup group = make_group("norm", "batch_norm", Pass::kForward, kImages * kOut * kOut, kFilters);
  group.vector_ops = {{Event::kVectorMul, 2}, {Event::kVectorSqrt, 1}};
  group.streamed_reads = {y};
  group.writes = {
      {b.tensor("z", TensorRole::kActivation, group.rows, group.cols), b.encoding()},
      {b.wide("z.wide", TensorRole::kActivation, group.rows, group.cols), Encoding::kNone}};
  group.reduction_writes = {{b.wide("sum", TensorRole::kStatistic, 1, kFilters), Encoding::kNone}};
  b.ops.groups.push_back(group);
}

}  // namespace

OpList sample_work(const FormatSpec& format, BlockShape block) {
  Builder b(format, block);
  const TensorId x = b.tensor("x", TensorRole::kActivation, kImages * kIn * kIn, kChannels);
  const TensorId w = b.tensor("w", TensorRole::kWeight, 9 * kChannels, kFilters);
  const TensorId y = b.tensor("y", TensorRole::kActivation, kImages * kOut * kOut, kFilters);
  const TensorId dy = b.tensor("dy", TensorRole::kGradient, kImages * kOut * kOut, kFilters);
  add_convolution(b, x, w, y);
  add_stream(b, y);
  add_weight_gradient(b, x, dy);
  add_phases(b);
  return std::move(b.ops);
}

std::int64_t total_macs(const OpList& ops) {
  std::int64_t sum = 0;
  for (const OpGroup& group : ops.groups) {
    for (const GemmWork& work : group.gemms) sum += work.macs();
  }
  return sum;
}

}  // namespace mxsim::testing
