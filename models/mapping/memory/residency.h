#pragma once

#include <cstdint>
#include <set>
#include <vector>

#include "models/core/units.h"
#include "models/workload/op_list.h"

namespace mxsim {

/// Addresses from here on lie in the reserved part of the input buffer, the others in DRAM.
inline constexpr std::int64_t kOnChip = std::int64_t{1} << 61;

/// A tensor in the reserved part of the input buffer, from the group that computes it to `last`.
struct Resident {
  TensorId tensor = -1;
  std::int64_t offset = 0;
  std::int32_t first = 0;
  std::int32_t last = 0;
  /// Whether it goes to DRAM too: groups after `last` read it, or it is a result of the step.
  enum class Copy : std::uint8_t { kNone, kInDram } copy = Copy::kNone;
};

/// Which intermediate tensors are kept on the chip in `capacity` bytes. A candidate is a tensor of
/// one writing group, kept until any of its readers. It saves one crossing for every reader till
/// then and, if nobody needs it later, the store. Candidates are taken by bytes saved per byte and
/// group of occupation (counted as three at least), largest first, then by bytes saved, then by
/// tensor; each at the lowest offset that is free for its time, if there is one; so no two
/// residents overlap.
std::vector<Resident> plan_residency(const OpList& ops, Bytes capacity);

/// What one group finds on the chip, and what of its results stays there.
struct KeptTensors {
  std::set<TensorId> read;     ///< fetched from the reserved part
  std::set<TensorId> written;  ///< stored there and not in DRAM
  std::set<TensorId> copied;   ///< stored in both places

  bool reads(TensorId id) const { return read.contains(id); }
  bool stays(TensorId id) const { return written.contains(id); }
};

/// One for each group.
std::vector<KeptTensors> kept_tensors(const OpList& ops, const std::vector<Resident>& residents);

}  // namespace mxsim
