#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "models/mapping/memory/memory_class.h"
#include "models/mapping/memory/residency.h"
#include "models/mapping/memory/tensor_lifetime.h"
#include "models/workload/op_list.h"

namespace mxsim {

/// Where every tensor lies. A tensor that is kept on the chip (residency.h) has an address there
/// for its readers till then, and one in DRAM only if somebody needs it later.
///
/// In DRAM: tensors that live at the same time (tensor_lifetimes) never overlap; the place of a
/// dead one is used again. Each starts at a multiple of kAlignment.
class MemoryPlan {
 public:
  static constexpr std::int64_t kAlignment = 4096;

  /// `scratch`: room beside the tensors for unfinished results, needed throughout. Throws
  /// InputError with the numbers and the largest tensors when all need more than `capacity`.
  /// `on_chip`: bytes of the reserved part.
  MemoryPlan(const OpList& ops, Bytes capacity, Bytes scratch = Bytes(0), Bytes on_chip = Bytes(0));
  /// These tensors are kept on the chip.
  MemoryPlan(const OpList& ops, Bytes capacity, Bytes scratch,
             const std::vector<Resident>& residents);

  /// In DRAM.
  std::int64_t base(TensorId tensor) const { return bases_.at(static_cast<std::size_t>(tensor)); }
  /// Where the group finds the tensor.
  std::int64_t source(TensorId tensor, std::uint32_t group) const;
  /// Where a group that computes the tensor stores it: one or both places.
  std::vector<std::int64_t> targets(TensorId tensor) const;
  /// Tensors kept on the chip, and the most bytes of the reserved part in use.
  const std::map<TensorId, Resident>& residents() const { return residents_; }
  Bytes on_chip_peak() const { return on_chip_peak_; }
  std::int64_t scratch() const { return scratch_; }
  Bytes scratch_bytes() const { return used_ - Bytes(scratch_); }
  /// First address that is never used.
  Bytes used() const { return used_; }
  /// The most that lives at the same time, each tensor rounded up to kAlignment: no plan needs
  /// less.
  Bytes peak_live() const { return peak_live_; }
  /// The same by what the bytes are for.
  const ClassPeaks& dram_classes() const { return dram_classes_; }
  /// Of the tensors kept on the chip.
  const ClassPeaks& on_chip_classes() const { return on_chip_classes_; }
  MemoryClass memory_class(TensorId tensor) const {
    return classes_.at(static_cast<std::size_t>(tensor));
  }
  /// All tensors side by side.
  Bytes sum() const { return sum_; }
  /// The group that needs peak_live().
  std::size_t peak_group() const { return peak_group_; }

 private:
  void keep_on_chip(const OpList& ops, const std::vector<Resident>& residents);
  void find_peak(const std::vector<std::int64_t>& sizes, const std::vector<Lifetime>& lifetimes,
                 std::size_t groups);

  std::vector<std::int64_t> bases_;
  std::map<TensorId, Resident> residents_;
  std::vector<MemoryClass> classes_;
  ClassPeaks dram_classes_;
  ClassPeaks on_chip_classes_;
  Bytes on_chip_peak_{0};
  std::int64_t scratch_ = 0;
  Bytes used_{0};
  Bytes peak_live_{0};
  Bytes sum_{0};
  std::size_t peak_group_ = 0;
};

}  // namespace mxsim
