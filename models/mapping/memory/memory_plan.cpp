#include "models/mapping/memory/memory_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "models/core/error.h"
#include "models/mapping/memory/address_allocation.h"

namespace mxsim {
namespace {

constexpr std::size_t kNamedTensors = 5;

/// Bytes of every tensor (none of a tail), rounded up to the alignment; their sum stays below 2^62.
std::vector<std::int64_t> aligned_sizes(const OpList& ops) {
  constexpr std::int64_t kMost = std::int64_t{1} << 62;
  std::vector<std::int64_t> sizes;
  std::int64_t sum = 0;
  for (const StoredTensor& tensor : ops.tensors) {
    const std::int64_t bytes = tensor.bytes().count();
    if (bytes > kMost - sum - MemoryPlan::kAlignment) {
      throw InputError({{"", "/chip/dram", "the tensors need more than 2^62 bytes of DRAM"}});
    }
    sizes.push_back(tensor.tail_of >= 0 ? 0 : round_up(bytes, MemoryPlan::kAlignment));
    sum += sizes.back();
  }
  return sizes;
}

/// "a (N bytes), b (M bytes)": the largest tensors that live in the group.
std::string largest_tensors(const OpList& ops, const std::vector<std::int64_t>& sizes,
                            const std::vector<Lifetime>& lifetimes, std::size_t group) {
  const auto at = static_cast<std::int32_t>(group);
  std::vector<std::size_t> live;
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    if (lifetimes[i].overlaps({at, at})) live.push_back(i);
  }
  std::stable_sort(live.begin(), live.end(),
                   [&](std::size_t a, std::size_t b) { return sizes[a] > sizes[b]; });
  live.resize(std::min(live.size(), kNamedTensors));
  std::string text;
  for (const std::size_t i : live) {
    text += fmt::format("{}{} ({} bytes)", text.empty() ? "" : ", ", ops.tensors[i].name,
                        ops.tensors[i].bytes().count());
  }
  return text;
}

std::string place_in_step(const OpList& ops, std::size_t group) {
  if (ops.groups.empty()) return "";
  return fmt::format(" in layer \"{}\" ({})", ops.groups[group].layer,
                     to_string(ops.groups[group].pass));
}

}  // namespace

void MemoryPlan::find_peak(const std::vector<std::int64_t>& sizes,
                           const std::vector<Lifetime>& lifetimes, std::size_t groups) {
  std::vector<BytesByClass> change(groups + 2);
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    const Bytes size(sizes[i]);
    change[static_cast<std::size_t>(lifetimes[i].first)] += only(classes_[i], size);
    change[static_cast<std::size_t>(lifetimes[i].last) + 1] += only(classes_[i], Bytes(0) - size);
    sum_ += size;
  }
  BytesByClass live{};
  for (std::size_t group = 0; group < std::max<std::size_t>(1, groups); ++group) {
    live += change[group];
    dram_classes_.note(live);
    if (mxsim::sum(live) <= peak_live_) continue;
    peak_live_ = mxsim::sum(live);
    peak_group_ = group;
  }
}

void MemoryPlan::keep_on_chip(const OpList& ops, const std::vector<Resident>& residents) {
  std::map<std::int32_t, BytesByClass> change;
  for (const Resident& resident : residents) {
    residents_.emplace(resident.tensor, resident);
    const auto tensor = static_cast<std::size_t>(resident.tensor);
    const Bytes bytes = ops.tensors[tensor].bytes();
    on_chip_peak_ = std::max(on_chip_peak_, Bytes(resident.offset) + bytes);
    change[resident.first] += only(classes_[tensor], bytes);
    change[resident.last + 1] += only(classes_[tensor], Bytes(0) - bytes);
  }
  BytesByClass live{};
  for (const auto& [group, bytes] : change) on_chip_classes_.note(live += bytes);
}

std::int64_t MemoryPlan::source(TensorId tensor, std::uint32_t group) const {
  const auto resident = residents_.find(tensor);
  const bool here =
      resident != residents_.end() && static_cast<std::int64_t>(group) <= resident->second.last;
  return here ? kOnChip + resident->second.offset : base(tensor);
}

std::vector<std::int64_t> MemoryPlan::targets(TensorId tensor) const {
  const auto resident = residents_.find(tensor);
  if (resident == residents_.end()) return {base(tensor)};
  const std::int64_t place = kOnChip + resident->second.offset;
  if (resident->second.copy == Resident::Copy::kNone) return {place};
  return {place, base(tensor)};
}

MemoryPlan::MemoryPlan(const OpList& ops, Bytes capacity, Bytes scratch, Bytes on_chip)
    : MemoryPlan(ops, capacity, scratch, plan_residency(ops, on_chip)) {}

MemoryPlan::MemoryPlan(const OpList& ops, Bytes capacity, Bytes scratch,
                       const std::vector<Resident>& residents)
    : classes_(memory_classes(ops)) {
  keep_on_chip(ops, residents);
  std::vector<std::int64_t> sizes = aligned_sizes(ops);
  for (const auto& [tensor, resident] : residents_) {
    if (resident.copy == Resident::Copy::kNone) sizes[static_cast<std::size_t>(tensor)] = 0;
  }
  const std::vector<Lifetime> lifetimes = tensor_lifetimes(ops);
  find_peak(sizes, lifetimes, ops.groups.size());
  std::vector<Tenant> tenants;
  for (std::size_t i = 0; i < sizes.size(); ++i) tenants.push_back({sizes[i], lifetimes[i]});
  bases_ = allocate(tenants, kAlignment);
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    const TensorId whole = ops.tensors[i].tail_of;
    if (whole < 0) continue;
    bases_[i] =
        base(whole) +
        (ops.tensors[static_cast<std::size_t>(whole)].bytes() - ops.tensors[i].bytes()).count();
  }
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    used_ = std::max(used_, Bytes(bases_[i] + sizes[i]));
  }
  scratch_ = used_.count();
  used_ += Bytes(round_up(scratch.count(), kAlignment));
  if (used_ <= capacity) return;
  std::string message = fmt::format(
      "the run needs {} bytes of DRAM, the chip has {}; most tensors live{}: {} bytes, and {} for "
      "unfinished results; the largest: {}",
      used_.count(), capacity.count(), place_in_step(ops, peak_group_), peak_live_.count(),
      scratch.count(), largest_tensors(ops, sizes, lifetimes, peak_group_));
  throw InputError({{"", "/chip/dram", std::move(message)}});
}

}  // namespace mxsim
