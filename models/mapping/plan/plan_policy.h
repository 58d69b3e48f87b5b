#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "models/core/units.h"
#include "models/mapping/chip/mapping_objective.h"
#include "models/mapping/plan/pinned_mapping.h"
#include "models/workload/dram_tile.h"

namespace mxsim {

/// kOn: a group's first fetches are queued before the end of its predecessor, and its commands run
/// as soon as what they come after is finished. kOff: a group begins when its predecessor has
/// finished.
enum class GroupOverlap : std::uint8_t { kOff, kOn };

/// Whether chains of groups over a batch of products run slice by slice (product_slices.h). kAuto:
/// where that is better.
enum class AttentionFusion : std::uint8_t { kOff, kOn, kAuto };

/// How GEMM operands and results lie in DRAM. kTileMajor: all of them in PlanPolicy::dram_tile;
/// kAuto: each as its readers and writers move the fewest bursts.
enum class DramLayout : std::uint8_t { kRowMajor, kTileMajor, kAuto };

/// What the planner of a whole run may do.
struct PlanPolicy {
  GroupOverlap overlap_groups = GroupOverlap::kOn;
  /// Part of the input buffer that is reserved for whole tensors between groups (residency.h); the
  /// chip that the rest of the planner sees has a smaller buffer. Nothing: network_choice.h finds a
  /// size.
  std::optional<Bytes> keep_on_chip_bytes = Bytes(0);
  AttentionFusion fuse_attention = AttentionFusion::kAuto;
  DramLayout dram_layout = DramLayout::kAuto;
  DramTile dram_tile{8, 8, ScalePlace::kApart};
  MappingObjective objective = MappingObjective::kEdp;
  std::vector<PinnedMapping> pinned = {};
  /// What energies are compared by: from the technology, not configured. Without them edp means
  /// least DRAM traffic.
  MappingPrices prices = {};

  /// Nothing is reserved unless it was decided.
  Bytes kept_bytes() const { return keep_on_chip_bytes.value_or(Bytes(0)); }
};

}  // namespace mxsim
