#include "models/mapping/memory/residency.h"

#include <algorithm>
#include <optional>
#include <set>
#include <tuple>

#include "models/mapping/memory/tensor_lifetime.h"
#include "models/workload/group_tensors.h"
#include "models/workload/kept_alignment.h"

namespace mxsim {
namespace {

constexpr std::int32_t kShortStay = 3;  ///< groups

struct Candidate {
  Resident resident;
  std::int64_t bytes = 0;
  std::int64_t saved = 0;

  double value() const {
    // Short stays count alike: the larger of two tensors that follow each other is placed first.
    const auto groups =
        static_cast<double>(std::max(kShortStay, resident.last - resident.first + 1));
    return static_cast<double>(saved) / (static_cast<double>(bytes) * groups);
  }
};

/// Groups that write and read each tensor.
struct Uses {
  std::set<std::int32_t> writers;
  std::set<std::int32_t> readers;
};

std::vector<Uses> uses_of(const OpList& ops) {
  std::vector<Uses> uses(ops.tensors.size());
  for (std::size_t g = 0; g < ops.groups.size(); ++g) {
    const auto group = static_cast<std::int32_t>(g);
    for (const TensorId id : tensors_read(ops.groups[g])) {
      uses[static_cast<std::size_t>(id)].readers.insert(group);
    }
    for (const TensorId id : tensors_written(ops.groups[g])) {
      uses[static_cast<std::size_t>(id)].writers.insert(group);
    }
  }
  return uses;
}

void add_candidates(TensorId id, std::int64_t bytes, const Uses& uses, bool lasting,
                    std::vector<Candidate>& candidates) {
  if (uses.writers.size() != 1 || uses.readers.empty()) return;
  const std::int32_t writer = *uses.writers.begin();
  if (*uses.readers.begin() <= writer) return;
  std::int64_t crossings = 0;
  for (const std::int32_t reader : uses.readers) {
    ++crossings;
    const bool all = reader == *uses.readers.rbegin() && !lasting;
    const Resident resident{id, 0, writer, reader,
                            all ? Resident::Copy::kNone : Resident::Copy::kInDram};
    candidates.push_back({resident, bytes, bytes * (crossings + (all ? 1 : 0))});
  }
}

std::vector<Candidate> ranked_candidates(const OpList& ops, Bytes capacity) {
  std::vector<Candidate> candidates;
  const std::vector<Uses> uses = uses_of(ops);
  for (std::size_t i = 0; i < ops.tensors.size(); ++i) {
    const std::int64_t bytes = round_up(ops.tensors[i].bytes().count(), kKeptAlignment);
    if (bytes == 0 || bytes > capacity.count()) continue;
    add_candidates(static_cast<TensorId>(i), bytes, uses[i], ops.tensors[i].lasting, candidates);
  }
  std::stable_sort(candidates.begin(), candidates.end(),
                   [](const Candidate& a, const Candidate& b) {
                     return std::tuple(a.value(), a.saved) > std::tuple(b.value(), b.saved);
                   });
  return candidates;
}

/// Residents in the order of their offsets.
class Shelf {
 public:
  explicit Shelf(Bytes capacity) : capacity_(capacity.count()) {}

  std::optional<std::int64_t> place(const Candidate& candidate) {
    const Lifetime life{candidate.resident.first, candidate.resident.last};
    std::int64_t at = 0;
    for (const Place& place : places_) {
      if (!place.life.overlaps(life)) continue;
      if (place.begin >= at + candidate.bytes) break;
      at = std::max(at, place.end);
    }
    if (at + candidate.bytes > capacity_) return std::nullopt;
    const auto next =
        std::upper_bound(places_.begin(), places_.end(), at,
                         [](std::int64_t begin, const Place& p) { return begin < p.begin; });
    places_.insert(next, {at, at + candidate.bytes, life});
    return at;
  }

 private:
  struct Place {
    std::int64_t begin;
    std::int64_t end;
    Lifetime life;
  };
  std::int64_t capacity_;
  std::vector<Place> places_;
};

}  // namespace

std::vector<Resident> plan_residency(const OpList& ops, Bytes capacity) {
  std::vector<Resident> residents;
  if (capacity == Bytes(0)) return residents;
  Shelf shelf(capacity);
  std::vector<bool> kept(ops.tensors.size(), false);
  for (const Candidate& candidate : ranked_candidates(ops, capacity)) {
    const auto tensor = static_cast<std::size_t>(candidate.resident.tensor);
    if (kept[tensor]) continue;
    const std::optional<std::int64_t> offset = shelf.place(candidate);
    if (!offset) continue;
    kept[tensor] = true;
    residents.push_back(candidate.resident);
    residents.back().offset = *offset;
  }
  return residents;
}

std::vector<KeptTensors> kept_tensors(const OpList& ops, const std::vector<Resident>& residents) {
  std::vector<const Resident*> of(ops.tensors.size(), nullptr);
  for (const Resident& each : residents) of[static_cast<std::size_t>(each.tensor)] = &each;
  std::vector<KeptTensors> kept(ops.groups.size());
  for (std::size_t g = 0; g < ops.groups.size(); ++g) {
    const auto resident = [&](TensorId id) { return of[static_cast<std::size_t>(id)]; };
    for (const TensorId id : tensors_read(ops.groups[g])) {
      const Resident* here = resident(id);
      if (here != nullptr && static_cast<std::int32_t>(g) <= here->last) kept[g].read.insert(id);
    }
    for (const TensorId id : tensors_written(ops.groups[g])) {
      const Resident* here = resident(id);
      if (here == nullptr) continue;
      (here->copy == Resident::Copy::kNone ? kept[g].written : kept[g].copied).insert(id);
    }
  }
  return kept;
}

}  // namespace mxsim
