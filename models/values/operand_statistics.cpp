#include "models/values/operand_statistics.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <set>
#include <utility>

#include "models/formats/hadamard.h"

namespace mxsim {
namespace {

constexpr int kCodedBits = 16;
constexpr int kExponentBias = 127;
constexpr std::uint32_t kExponentMask = 0xff;
constexpr int kMantissaBits = 23;

OperandRole role_of(TensorRole role) {
  if (role == TensorRole::kWeight || role == TensorRole::kMasterWeight)
    return OperandRole::kWeights;
  if (role == TensorRole::kGradient) return OperandRole::kGradients;
  return OperandRole::kActivations;
}

}  // namespace

std::string_view to_string(OperandRole role) {
  switch (role) {
    case OperandRole::kWeights:
      return "weights";
    case OperandRole::kActivations:
      return "activations";
    case OperandRole::kGradients:
      return "gradients";
    default:
      return "weight_gradients";
  }
}

OperandObserver::OperandObserver(const OpList& ops, Workers& workers)
    : ops_(ops), workers_(workers) {
  for (const OpGroup& group : ops.groups) {
    for (const GemmWork& work : group.gemms) {
      add_use(group, work.a, role_of(work.role_a), {work.format_a, work.block_a});
      add_use(group, work.b, role_of(work.role_b), {work.format_b, work.block_b});
    }
    if (group.gemms.empty()) continue;
    for (const TensorWrite& write : group.writes) {
      const StoredTensor& tensor = ops.tensors[static_cast<std::size_t>(write.tensor)];
      if (tensor.role != TensorRole::kWeightGradient) continue;
      add_use(group, write.tensor, OperandRole::kWeightGradients, tensor.layout);
    }
  }
}

std::size_t OperandObserver::row_of(const OpGroup& group, OperandRole role,
                                    const FormatSpec& format) {
  const Pass pass = like(group.pass);
  const auto found = std::find_if(rows_.begin(), rows_.end(), [&](const Row& row) {
    return row.head.layer == group.layer && row.head.pass == pass && row.head.role == role &&
           row.format == format;
  });
  if (found != rows_.end()) return static_cast<std::size_t>(found - rows_.begin());
  Row& row = rows_.emplace_back();
  row.head = {group.layer, pass, role, format.name, {}, {}};
  row.format = format;
  return rows_.size() - 1;
}

void OperandObserver::add_use(const OpGroup& group, TensorId id, OperandRole role,
                              const DataLayout& layout) {
  const StoredTensor& tensor = ops_.tensors[static_cast<std::size_t>(id)];
  uses_[id].push_back(
      {layout, &group, tensor.layout != layout, row_of(group, role, layout.format)});
}

void OperandObserver::count_magnitudes(Row& row, const std::vector<float>& values) {
  for (const float value : values) {
    const std::uint32_t bits = std::bit_cast<std::uint32_t>(value);
    const std::uint32_t exponent = (bits >> kMantissaBits) & kExponentMask;
    ++row.exponents[exponent];
    if (exponent == 0 && value != 0) ++row.subnormals[std::ilogb(value)];
  }
}

void OperandObserver::count_wide(Row& row, const std::vector<float>& before,
                                 const std::vector<float>& after) {
  QuantizationStatistics& wide = row.wide;
  wide.elements += static_cast<std::int64_t>(before.size());
  for (std::size_t i = 0; i < before.size(); ++i) {
    if (!std::isfinite(before[i]) || std::isnan(after[i])) {
      ++wide.not_finite;
      continue;
    }
    if (std::isinf(after[i])) ++wide.saturated;
    if (after[i] != 0) continue;
    ++wide.zeros;
    wide.underflowed += before[i] != 0 ? 1 : 0;
  }
}

void OperandObserver::cast(TensorId id, const float* from, const StoredMatrix& to,
                           const OpGroup* reader) {
  const auto found = uses_.find(id);
  if (found == uses_.end()) return;
  std::set<std::size_t> rows;
  for (const Use& use : found->second) {
    const bool meant = reader == nullptr ? !use.on_load : use.on_load && use.group == reader;
    if (meant && use.layout == to.layout()) rows.insert(use.row);
  }
  if (rows.empty()) return;
  const auto elements = static_cast<std::size_t>(to.rows() * to.cols());
  std::vector<float> before(from, from + elements);
  const FormatSpec& format = to.layout().format;
  if (format.hadamard > 0) {
    transform_hadamard(before, to.rows(), to.cols(), to.layout().block, format.hadamard);
  }
  std::vector<float> after(elements);
  to.decode(after.data(), workers_);
  for (const std::size_t index : rows) {
    Row& row = rows_[index];
    count_magnitudes(row, before);
    if (format.element_bits > kCodedBits || to.codes().empty()) {
      count_wide(row, before, after);
      continue;
    }
    if (!row.collector) row.collector.emplace(row.format);
    row.collector->add(before, after, to.codes());
  }
}

std::vector<OperandStatistics> OperandObserver::take() {
  std::vector<OperandStatistics> taken;
  for (Row& row : rows_) {
    OperandStatistics& each = taken.emplace_back(row.head);
    each.casts = row.collector                          ? row.collector->finish()
                 : row.format.element_bits > kCodedBits ? row.wide
                                                        : StatisticsCollector(row.format).finish();
    each.magnitudes = std::move(row.subnormals);
    for (std::uint32_t field = 1; field < kExponentMask; ++field) {
      if (row.exponents[field] > 0) {
        each.magnitudes[static_cast<int>(field) - kExponentBias] = row.exponents[field];
      }
    }
    row.collector.reset();
    row.wide = {};
    row.exponents.fill(0);
    row.subnormals.clear();
  }
  return taken;
}

}  // namespace mxsim
