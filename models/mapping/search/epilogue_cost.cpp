#include "models/mapping/search/epilogue_cost.h"

#include <algorithm>
#include <cmath>

#include "models/arithmetic/exact_sums.h"
#include "models/mapping/chip/vector_cost.h"

namespace mxsim {
namespace {

constexpr double kFp32Bytes = 4;

/// Bytes a cycle; without end where streams share ports, whose load depends on the others.
double port_pace(const SramGeometry& buffer) {
  if (buffer.shared_ports()) return HUGE_VAL;
  return static_cast<double>(buffer.words_per_cycle() * buffer.word_bits()) / 8;
}

class Epilogue {
 public:
  Epilogue(const OpGroup& group, const GemmWork& work, const std::vector<StoredTensor>& tensors,
           const MapperChip& chip)
      : group_(group),
        work_(work),
        tensors_(tensors),
        chip_(chip),
        pace_(port_pace(chip.accumulator)) {}

  EpilogueCost cost() const {
    EpilogueCost cost;
    if (uses_vector_unit()) {
      const double work =
          cycles_per_element({chip_.vector, chip_.post_processor}, group_.vector_ops);
      cost.vector = std::max(work, vector_bytes() / pace_);
      cost.drain += static_cast<double>(chip_.vector.pipeline_latency_cycles);
    }
    if (chip_.around && encodings() > 0) {
      const RequantSpec& requant = chip_.around->requant;
      cost.encode = std::max(encodings() / static_cast<double>(requant.lanes),
                             (kFp32Bytes + bytes_with(Encoding::kQuantize)) / pace_);
      cost.drain += static_cast<double>(requant.pipeline_latency_cycles);
    }
    return cost;
  }

 private:
  double bytes(TensorId id) const {
    return static_cast<double>(
               tensors_.at(static_cast<std::size_t>(id)).layout.format.element_bits) /
           8;
  }
  double bytes_with(Encoding encoding) const {
    double sum = 0;
    for (const TensorWrite& write : group_.writes) {
      if (write.encoding == encoding) sum += bytes(write.tensor);
    }
    return sum;
  }
  double encodings() const {
    return static_cast<double>(std::count_if(
        group_.writes.begin(), group_.writes.end(),
        [](const TensorWrite& write) { return write.encoding == Encoding::kQuantize; }));
  }
  bool uses_vector_unit() const {
    return !group_.vector_ops.empty() || bytes_with(Encoding::kConvert) > 0 || is_zero();
  }
  /// Sums and streamed tensors are read, results are written.
  double vector_bytes() const {
    double sum = sum_bytes() + bytes_with(Encoding::kConvert) + bytes_with(Encoding::kNone);
    for (const TensorId id : group_.streamed_reads) sum += bytes(id);
    return encodings() > 0 ? sum + kFp32Bytes : sum;
  }
  /// Nothing is summed: the vector unit makes the zeros.
  bool is_zero() const { return work_.taps() == 0; }
  double sum_bytes() const {
    if (is_zero()) return 0;
    const SumFormat sum = sum_of(chip_.array, work_.format_a, work_.format_b);
    return static_cast<double>(partial_sum_bits(sum.accumulator)) / 8;
  }

  const OpGroup& group_;
  const GemmWork& work_;
  const std::vector<StoredTensor>& tensors_;
  const MapperChip& chip_;
  double pace_;
};

}  // namespace

EpilogueCost epilogue_cost(const OpGroup& group, const GemmWork& work,
                           const std::vector<StoredTensor>& tensors, const MapperChip& chip) {
  return Epilogue(group, work, tensors, chip).cost();
}

double transfer_pace(const MapperChip& chip, const SramGeometry& buffer) {
  const double ports = port_pace(buffer);
  return chip.around ? std::min(ports, static_cast<double>(chip.around->dma.bytes_per_cycle))
                     : ports;
}

}  // namespace mxsim
