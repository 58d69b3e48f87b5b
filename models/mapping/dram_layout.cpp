#include "models/mapping/dram_layout.h"

#include <array>
#include <vector>

#include "models/mapping/layout_traffic.h"
#include "models/mapping/memory/memory_plan.h"

namespace mxsim {
namespace {

/// Tensors of which whole bursts move less than so many times the bytes asked for stay row-major.
constexpr double kWorthTrying = 1.02;
/// A tile is taken if the tensor's traffic is below so much of that in rows.
constexpr double kWorthChanging = 0.98;
constexpr std::array<std::int64_t, 4> kEdges{8, 16, 32, 64};

/// Parts of tensors, caches that grow and what is appended to them stay as they are.
std::vector<bool> may_be_tiled(const OpList& ops) {
  std::vector<bool> free(ops.tensors.size(), true);
  for (std::size_t i = 0; i < ops.tensors.size(); ++i) {
    const StoredTensor& tensor = ops.tensors[i];
    if (tensor.value_rows > 0) free[i] = false;
    if (tensor.tail_of < 0) continue;
    free[i] = false;
    free[static_cast<std::size_t>(tensor.tail_of)] = false;
  }
  return free;
}

class LayoutChoice {
 public:
  LayoutChoice(OpList& ops, LayoutTraffic& traffic) : ops_(ops), traffic_(traffic) {}

  /// Whether the tensor's layout is another now.
  bool choose(TensorId id) {
    StoredTensor& tensor = ops_.tensors[static_cast<std::size_t>(id)];
    const LayoutTraffic::Bytes rows = traffic_.of(id);
    if (rows.moved <= kWorthTrying * rows.payload) return false;
    double least = kWorthChanging * rows.moved;
    DramTile best;
    const auto consider = [&](DramTile tile) {
      tensor.tile = tile;
      const double moved = traffic_.of(id).moved;
      if (moved >= least) return;
      least = moved;
      best = tile;
    };
    for (const std::int64_t cols : kEdges) {
      if (cols >= tensor.cols) break;
      for (const std::int64_t edge : kEdges) {
        if (edge < tensor.rows) consider({edge, cols});
      }
      consider({tensor.rows, cols});  // panels
    }
    if (!best.row_major()) {
      consider({best.rows, best.cols, ScalePlace::kBeside});
    }
    tensor.tile = best;
    return !best.row_major();
  }

 private:
  OpList& ops_;
  LayoutTraffic& traffic_;
};

}  // namespace

NetworkMapping lay_out(OpList& ops, const MapperChip& chip, Bytes dram_capacity,
                       const PlanPolicy& policy) {
  const std::vector<Resident> residents = plan_residency(ops, policy.kept_bytes());
  // The search would take minutes on shapes that do not fit.
  [[maybe_unused]] const MemoryPlan fits(ops, dram_capacity, Bytes(0), residents);
  NetworkMapper mapper(chip, policy);
  NetworkMapping rows = mapper.map(ops, residents);
  if (policy.dram_layout == DramLayout::kRowMajor) return rows;
  const std::vector<bool> free = may_be_tiled(ops);
  LayoutTraffic traffic(ops, chip, rows, residents);
  LayoutChoice choice(ops, traffic);
  bool changed = false;
  for (std::size_t i = 0; i < ops.tensors.size(); ++i) {
    const auto id = static_cast<TensorId>(i);
    if (!free[i] || !traffic.has_tiles(id)) continue;
    if (policy.dram_layout == DramLayout::kTileMajor) {
      ops.tensors[i].tile = policy.dram_tile;
      changed = true;
    } else if (choice.choose(id)) {
      changed = true;
    }
  }
  return changed ? mapper.map(ops, residents) : rows;
}

}  // namespace mxsim
