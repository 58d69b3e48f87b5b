#include "models/mapping/layout_traffic.h"

#include <algorithm>
#include <utility>

#include "models/core/reuse.h"
#include "models/mapping/program/stream_program.h"
#include "models/mapping/search/mapping_footprint.h"

namespace mxsim {
namespace {

/// Sums over transfers: the first ones, and a sample of the others.
class TransferSample {
 public:
  explicit TransferSample(std::int64_t burst) : burst_(burst) {}

  /// Whether the next transfer is to be added.
  bool takes_next() {
    const std::int64_t number = count_++;
    return number < kFirst || number % kEvery == 0;
  }
  void add(const std::vector<DramRun>& runs) {
    const bool sampled = count_ > kFirst;
    const double weight = sampled ? static_cast<double>(kEvery) : 1;
    sum_.moved += weight * static_cast<double>(moved_bytes(runs, burst_).count());
    sum_.payload += weight * static_cast<double>(payload(runs).count());
  }
  LayoutTraffic::Bytes times(double repeats) const {
    return {repeats * sum_.moved, repeats * sum_.payload};
  }

 private:
  static constexpr std::int64_t kFirst = 128;
  static constexpr std::int64_t kEvery = 37;  // a prime: it does not keep in step with loops

  std::int64_t burst_;
  std::int64_t count_ = 0;
  LayoutTraffic::Bytes sum_;
};

}  // namespace

LayoutTraffic::LayoutTraffic(const OpList& ops, const MapperChip& chip,
                             const NetworkMapping& mapping, const std::vector<Resident>& residents)
    : ops_(ops), chip_(chip), mapping_(mapping), uses_(ops.tensors.size()) {
  const std::vector<KeptTensors> kept = kept_tensors(ops, residents);
  for (std::size_t group = 0; group < ops.groups.size(); ++group) add_uses(group, kept[group]);
}

void LayoutTraffic::add_uses(std::size_t index, const KeptTensors& kept) {
  const OpGroup& group = ops_.groups[index];
  const auto add = [&](TensorId id, std::size_t gemm, Role role) {
    uses_[static_cast<std::size_t>(id)].push_back({index, gemm, role});
  };
  const auto add_streams = [&](std::size_t gemm, Role role) {
    for (const TensorId id : group.streamed_reads) {
      if (!kept.reads(id)) add(id, gemm, role);
    }
    for (const TensorWrite& write : group.writes) {
      if (!kept.stays(write.tensor)) add(write.tensor, gemm, role);
    }
  };
  if (group.gemms.empty()) return add_streams(0, Role::kStream);
  for (std::size_t i = 0; i < group.gemms.size(); ++i) {
    const GemmWork& work = group.gemms[i];
    if (work.taps() > 0) {
      if (!kept.reads(work.a)) add(work.a, i, Role::kLeft);
      if (!kept.reads(work.b)) add(work.b, i, Role::kRight);
    }
    add_streams(i, Role::kResult);
  }
}

bool LayoutTraffic::has_tiles(TensorId id) const {
  const std::vector<Use>& uses = uses_[static_cast<std::size_t>(id)];
  return std::any_of(uses.begin(), uses.end(),
                     [](const Use& use) { return use.role != Role::kStream; });
}

LayoutTraffic::Key LayoutTraffic::key_of(const Use& use, TensorId id) const {
  const OpGroup& group = ops_.groups[use.group];
  Key key;
  key.role = use.role;
  key.tensor = ops_.tensors[static_cast<std::size_t>(id)];
  key.tensor.name.clear();
  if (use.role == Role::kStream) {
    key.elements = group.elements();
    key.chunk = chunk_elements(ops_, group, chip_);
    return key;
  }
  key.work = group.gemms[use.gemm];
  key.work.a = key.work.b = -1;
  key.grid = grid_size(group);
  key.tiling = mapping_[use.group][use.gemm].tiling;
  return key;
}

std::size_t LayoutTraffic::Key::Hash::operator()(const Key& key) const {
  auto hash = static_cast<std::size_t>(key.role);
  for (const std::int64_t value :
       {key.tensor.rows, key.tensor.cols, key.tensor.tile.rows, key.tensor.tile.cols,
        static_cast<std::int64_t>(key.tensor.tile.scales), key.tiling.images, key.tiling.h,
        key.tiling.channels, key.tiling.n, key.elements}) {
    hash = (hash ^ static_cast<std::size_t>(value)) * 0x9E3779B97F4A7C15U;
  }
  return hash;
}

LayoutTraffic::Bytes LayoutTraffic::of_gemm(const Key& key) const {
  const bool sums_positions = key.work.kind == GemmKind::kWeightGradient;
  const Axes left_rows = sums_positions ? Axes::kChannels : Axes::kPositions;
  const Axes right_rows = sums_positions ? Axes::kPositions : Axes::kReduction;
  const TileReuse again =
      reuse(trips(key.work, key.tiling), key.tiling.order, ring_slots(chip_, key.work));
  TransferSample sample(chip_.dram_burst_bytes);
  const auto visit = [&](std::pair<Axes, Axes> axes, const auto& region, std::int64_t times) {
    for_each_tile_of(key.work, key.tiling, axes, [&](const GemmTile& tile) {
      if (sample.takes_next()) sample.add(memory_runs(key.tensor, 0, region(tile)));
    });
    return sample.times(static_cast<double>(times));
  };
  const GemmWork& work = key.work;
  if (key.role == Role::kLeft) {
    return visit(
        {Axes::kPositions, Axes::kChannels},
        [&](const GemmTile& tile) { return left_region(work, tile); }, again.left);
  }
  if (key.role == Role::kRight) {
    return visit(
        {right_rows, Axes::kColumns},
        [&](const GemmTile& tile) { return right_region(work, tile); }, again.right);
  }
  return visit(
      {left_rows, Axes::kColumns},
      [&](const GemmTile& tile) { return result_region(work, key.grid, tile); }, 1);
}

LayoutTraffic::Bytes LayoutTraffic::of_stream(const Key& key, const OpGroup& group) const {
  TransferSample sample(chip_.dram_burst_bytes);
  for (std::int64_t start = 0; start < key.elements; start += key.chunk) {
    if (!sample.takes_next()) continue;
    const Range piece{start, std::min(key.chunk, key.elements - start)};
    sample.add(flat_runs(key.tensor, 0, stream_share(key.tensor, group, piece)));
  }
  return sample.times(1);
}

LayoutTraffic::Bytes LayoutTraffic::of(TensorId id) {
  Bytes sum;
  for (const Use& use : uses_[static_cast<std::size_t>(id)]) {
    Key key = key_of(use, id);
    auto known = known_.find(key);
    if (known == known_.end() || !reuses_work()) {
      const Bytes bytes =
          use.role == Role::kStream ? of_stream(key, ops_.groups[use.group]) : of_gemm(key);
      known = known_.insert_or_assign(std::move(key), bytes).first;
    }
    sum.moved += known->second.moved;
    sum.payload += known->second.payload;
  }
  return sum;
}

}  // namespace mxsim
