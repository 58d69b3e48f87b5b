#include "models/mapping/memory/traffic_bound.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <set>
#include <vector>

namespace mxsim {
namespace {

constexpr double kPartialSumBytes = 4;

/// How many (position, tap) pairs of the axis read one input at most.
std::int64_t reuse(const WindowAxis& axis) {
  return ceil_div(axis.taps, axis.stride / std::gcd(axis.stride, axis.dilation));
}

/// Payload of `elements` of the tensor: the elements and at least as many scales and offsets as
/// they fill blocks.
std::int64_t payload_bytes(const StoredTensor& tensor, std::int64_t elements) {
  const FormatSpec& format = tensor.layout.format;
  const auto fields = [&](BlockShape block, std::int64_t bits) {
    const std::int64_t rows = std::min(block.rows, tensor.rows);
    return elements / (rows * std::min(block.cols, tensor.cols)) * bits / 8;
  };
  std::int64_t bytes = ceil_div(elements * format.element_bits, 8);
  if (format.scale_bits > 0) bytes += fields(tensor.layout.block, format.scale_bits);
  if (format.offsets) bytes += fields(format.offsets->shape, format.offsets->bits);
  return bytes;
}

/// Elements of each GEMM operand that some product uses.
class UsedOperands {
 public:
  void add(const GemmWork& work) {
    if (work.taps() == 0) return;
    const std::int64_t inputs =
        work.images * used_inputs(work.h) * used_inputs(work.w) * work.channels * work.products();
    std::int64_t& left = elements_[work.a];
    left = std::max(left, inputs);
    if (work.kind == GemmKind::kWindow) {
      add_taps(work);
    } else {
      std::int64_t& right = elements_[work.b];
      right = std::max(right, work.positions() * work.n * work.products());
    }
  }
  const std::map<TensorId, std::int64_t>& elements() const { return elements_; }

 private:
  /// Phases of one convolution use different taps of one weight tensor.
  void add_taps(const GemmWork& work) {
    std::set<std::int64_t>& taps = taps_[work.b];
    for (std::int64_t y = 0; y < work.h.taps; ++y) {
      for (std::int64_t x = 0; x < work.w.taps; ++x) {
        taps.insert((work.h.tap_start + y * work.h.tap_step) * work.w.kernel + work.w.tap_start +
                    x * work.w.tap_step);
      }
    }
    std::int64_t& right = elements_[work.b];
    right = std::max(right, static_cast<std::int64_t>(taps.size()) * work.channels *
                                work.block_n() * work.products());
  }

  std::map<TensorId, std::int64_t> elements_;
  std::map<TensorId, std::set<std::int64_t>> taps_;
};

class GroupBound {
 public:
  GroupBound(const OpList& ops, const OpGroup& group, const KeptTensors& kept,
             const DramCompression& compression)
      : ops_(ops), group_(group), kept_(kept), compression_(compression) {}

  std::int64_t compulsory_reads() const {
    UsedOperands used;
    for (const GemmWork& work : group_.gemms) used.add(work);
    std::int64_t sum = 0;
    for (const auto& [id, elements] : used.elements()) {
      if (!kept_.reads(id)) sum += moved_bytes(id, elements);
    }
    std::set<TensorId> streams(group_.streamed_reads.begin(), group_.streamed_reads.end());
    streams.insert(group_.broadcast_reads.begin(), group_.broadcast_reads.end());
    for (const TensorId id : streams) {
      if (!kept_.reads(id) && !used.elements().contains(id)) sum += whole_bytes(id);
    }
    return sum;
  }

  double capacity_reads(double capacity) const {
    double sum = 0;
    if (!kept_.written.empty()) return sum;
    for (const GemmWork& work : group_.gemms) {
      if (kept_.reads(work.a) || kept_.reads(work.b)) continue;
      const double a = element_bytes(work.a, work.format_a);
      const double b = element_bytes(work.b, work.format_b);
      const auto shared = static_cast<double>(std::max<std::int64_t>(1, reuse(work.h)) *
                                              std::max<std::int64_t>(1, reuse(work.w)));
      const auto results = static_cast<double>(work.gemm_m() * work.n * work.products());
      sum += std::max(0.0, 2 * static_cast<double>(work.macs()) *
                                   std::sqrt(a * b * kPartialSumBytes / (shared * capacity)) -
                               2 * capacity - kPartialSumBytes * results);
    }
    return sum;
  }

  std::int64_t writes() const {
    std::set<TensorId> written;
    for (const TensorWrite& write : group_.writes) written.insert(write.tensor);
    for (const TensorWrite& write : group_.reduction_writes) written.insert(write.tensor);
    std::int64_t sum = 0;
    for (const TensorId id : written) {
      if (!kept_.stays(id)) sum += whole_bytes(id);
    }
    return sum;
  }

 private:
  const StoredTensor& tensor(TensorId id) const {
    return ops_.tensors.at(static_cast<std::size_t>(id));
  }
  /// Of what is read or written in step with the results; a slice has its share of whole tensors.
  std::int64_t whole_bytes(TensorId id) const {
    const std::int64_t elements = tensor(id).rows * tensor(id).cols;
    const bool share = group_.slices > 1 && !group_.gemms.empty();
    return moved_bytes(id, share ? std::min(elements, group_.elements()) : elements);
  }
  std::int64_t moved_bytes(TensorId id, std::int64_t elements) const {
    const std::int64_t bytes = payload_bytes(tensor(id), elements);
    return compressed_bytes(bytes, compression_.of(tensor(id).role));
  }
  /// The narrower of the stored and the operand format: no program holds or moves less.
  double element_bytes(TensorId id, const FormatSpec& operand) const {
    const int stored = tensor(id).layout.format.element_bits;
    return std::min(stored, operand.element_bits) / 8.0;
  }

  const OpList& ops_;
  const OpGroup& group_;
  const KeptTensors& kept_;
  const DramCompression& compression_;
};

}  // namespace

std::int64_t used_inputs(const WindowAxis& axis) {
  std::vector<bool> used(static_cast<std::size_t>(axis.in), false);
  for (std::int64_t p = 0; p < axis.out; ++p) {
    for (std::int64_t t = 0; t < axis.taps; ++t) {
      const std::int64_t input = p * axis.stride + t * axis.dilation - axis.pad;
      if (input >= 0 && input < axis.in) used[static_cast<std::size_t>(input)] = true;
    }
  }
  return std::count(used.begin(), used.end(), true);
}

TrafficBound traffic_bound(const OpList& ops, const OpGroup& group, Bytes capacity,
                           const KeptTensors& kept, const DramCompression& compression) {
  const GroupBound bound(ops, group, kept, compression);
  const auto by_capacity = static_cast<std::int64_t>(std::floor(
      compression.least() * bound.capacity_reads(static_cast<double>(capacity.count()))));
  return {Bytes(std::max(bound.compulsory_reads(), by_capacity)), Bytes(bound.writes())};
}

}  // namespace mxsim
