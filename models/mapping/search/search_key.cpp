#include "models/mapping/search/search_key.h"

#include <algorithm>
#include <limits>

namespace mxsim {
namespace {

/// Between tensors in step with the grid and those that are moved once.
constexpr SearchKey::Use kNextList{std::numeric_limits<std::size_t>::max()};

/// Numbers the tensors that are used.
class Numbering {
 public:
  Numbering(const std::vector<StoredTensor>& from, std::vector<StoredTensor>& to)
      : from_(from), to_(to) {}

  std::size_t of(TensorId id) {
    const auto known = std::find(ids_.begin(), ids_.end(), id);
    const auto number = static_cast<std::size_t>(known - ids_.begin());
    if (known != ids_.end()) return number;
    ids_.push_back(id);
    StoredTensor& copy = to_.emplace_back(from_.at(static_cast<std::size_t>(id)));
    copy.name.clear();
    copy.first_row = 0;
    copy.tail_of = -1;
    return number;
  }

 private:
  const std::vector<StoredTensor>& from_;
  std::vector<StoredTensor>& to_;
  std::vector<TensorId> ids_;
};

}  // namespace

SearchKey::SearchKey(const OpGroup& group, const GemmWork& of,
                     const std::vector<StoredTensor>& stored, const KeptTensors& kept)
    : pass(group.pass), grid(grid_size(group)), work(of), vector_ops(group.vector_ops) {
  Numbering numbering(stored, tensors);
  const auto read = [&](TensorId id) {
    reads.push_back({numbering.of(id), kept.reads(id) ? Place::kChip : Place::kDram});
    return static_cast<TensorId>(reads.back().tensor);
  };
  work.a = read(of.a);
  work.b = read(of.b);
  work.first_product = 0;
  for (const TensorId id : group.streamed_reads) read(id);
  reads.push_back(kNextList);
  for (const TensorId id : group.broadcast_reads) read(id);
  const auto written = [&](const TensorWrite& write) {
    const Place place = kept.stays(write.tensor)             ? Place::kChip
                        : kept.copied.contains(write.tensor) ? Place::kBoth
                                                             : Place::kDram;
    writes.push_back({numbering.of(write.tensor), place});
    encodings.push_back(write.encoding);
  };
  for (const TensorWrite& write : group.writes) written(write);
  writes.push_back(kNextList);
  for (const TensorWrite& write : group.reduction_writes) written(write);
}

std::size_t SearchKey::Hash::operator()(const SearchKey& key) const {
  std::size_t hash = key.tensors.size();
  const auto add = [&](std::int64_t value) {
    hash = (hash ^ static_cast<std::size_t>(value)) * 0x9E3779B97F4A7C15U;
  };
  for (const WindowAxis* axis : {&key.work.h, &key.work.w}) {
    for (const std::int64_t value : {axis->in, axis->out, axis->taps, axis->out_start}) add(value);
  }
  for (const std::int64_t value : {key.work.images, key.work.channels, key.work.n, key.work.groups,
                                   static_cast<std::int64_t>(key.pass)}) {
    add(value);
  }
  return hash;
}

}  // namespace mxsim
