#include "models/workload/product_slices.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>

#include "models/core/shape.h"
#include "models/workload/group_tensors.h"
#include "models/workload/kept_alignment.h"
#include "models/workload/product_chains.h"

namespace mxsim {
namespace {

/// A group of a chain (by its place there) at work on one slice.
struct Turn {
  std::size_t place = 0;
  std::int64_t slice = 0;
};

/// Products that begin the chain, up to the first stream, go before what follows the last stream of
/// the slice before.
std::vector<Turn> turns(const OpList& ops, const ProductChain& chain, std::int64_t slices) {
  const auto streams = [&](std::int32_t group) {
    return ops.groups[static_cast<std::size_t>(group)].gemms.empty();
  };
  const auto& groups = chain.groups;
  const auto first = std::find_if(groups.begin(), groups.end(), streams);
  const auto last = std::find_if(groups.rbegin(), groups.rend(), streams).base();
  const auto head =
      first == groups.end() ? std::size_t{0} : static_cast<std::size_t>(first - groups.begin());
  const auto tail =
      first == groups.end() ? groups.size() : static_cast<std::size_t>(last - groups.begin());
  std::vector<Turn> order;
  const auto add = [&](std::size_t from, std::size_t to, std::int64_t slice) {
    for (std::size_t place = from; place < to; ++place) order.push_back({place, slice});
  };
  add(0, head, 0);
  for (std::int64_t slice = 0; slice < slices; ++slice) {
    add(head, tail, slice);
    if (slice + 1 < slices) add(0, head, slice + 1);
    add(tail, groups.size(), slice);
  }
  return order;
}

/// Where in a chain a tensor is written and read last.
struct Stay {
  std::optional<std::size_t> written;
  std::optional<std::size_t> read;
};

std::map<TensorId, Stay> stays(const OpList& ops, const ProductFamily& family,
                               const ProductChain& chain) {
  std::map<TensorId, Stay> stays;
  for (const TensorId id : family.tensors) stays[id];
  for (std::size_t place = 0; place < chain.groups.size(); ++place) {
    const OpGroup& group = ops.groups[static_cast<std::size_t>(chain.groups[place])];
    const auto note = [&](TensorId id, std::optional<std::size_t> Stay::*what) {
      if (const auto found = stays.find(id); found != stays.end()) found->second.*what = place;
    };
    for (const TensorId id : group.streamed_reads) note(id, &Stay::read);
    for (const GemmWork& work : group.gemms) {
      note(work.a, &Stay::read);
      note(work.b, &Stay::read);
    }
    for (const TensorWrite& write : group.writes) note(write.tensor, &Stay::written);
  }
  std::erase_if(stays, [](const auto& each) {
    return !each.second.written || !each.second.read || *each.second.read <= *each.second.written;
  });
  return stays;
}

StoredTensor part_of(const StoredTensor& whole, std::int64_t first_row, std::int64_t rows) {
  StoredTensor part = whole;
  part.first_row = first_row;
  part.rows = rows;
  part.value_rows = whole.rows;
  return part;
}

/// The most that lies between the groups of the chain when so many products are a slice.
Bytes room_of(const OpList& ops, const ProductFamily& family, const ProductChain& chain,
              std::int64_t products) {
  constexpr std::int64_t kSlices = 3;  // the second meets what the others do
  const std::map<TensorId, Stay> all = stays(ops, family, chain);
  const std::vector<Turn> order = turns(ops, chain, kSlices);
  const auto at = [&](std::size_t place, std::int64_t slice) {
    return static_cast<std::size_t>(
        std::find_if(order.begin(), order.end(),
                     [&](const Turn& turn) { return turn.place == place && turn.slice == slice; }) -
        order.begin());
  };
  std::vector<std::int64_t> live(order.size(), 0);
  for (const auto& [id, stay] : all) {
    const StoredTensor& whole = ops.tensors[static_cast<std::size_t>(id)];
    const std::int64_t rows = whole.rows / family.products * products;
    const std::int64_t bytes = round_up(part_of(whole, 0, rows).bytes().count(), kKeptAlignment);
    for (std::int64_t slice = 0; slice < kSlices; ++slice) {
      for (std::size_t t = at(*stay.written, slice); t <= at(*stay.read, slice); ++t) {
        live[t] += bytes;
      }
    }
  }
  return Bytes(live.empty() ? 0 : *std::max_element(live.begin(), live.end()));
}

/// Of all its chains.
Bytes room_of(const OpList& ops, const ProductFamily& family, std::int64_t products) {
  Bytes most{0};
  for (const ProductChain& chain : family.chains) {
    most = std::max(most, room_of(ops, family, chain, products));
  }
  return most;
}

/// Products of a slice; 0: the family stays as it is.
std::int64_t products_that_fit(const OpList& ops, const ProductFamily& family, Bytes room) {
  const Bytes one = room_of(ops, family, 1);
  if (one == Bytes(0)) return 0;
  std::int64_t products = std::min(family.products, room.count() / one.count());
  while (products < family.products && room_of(ops, family, products + 1) <= room) ++products;
  if (products == 0 || products >= family.products) return 0;
  return ceil_div(family.products, ceil_div(family.products, products));
}

/// Writes the list down anew, with its families cut.
class Slicer {
 public:
  Slicer(const OpList& ops, Bytes room)
      : ops_(ops), slices_of_(ops.tensors.size(), 1), moved_(ops.groups.size(), false) {
    for (const ProductFamily& family : product_families(ops)) {
      const std::int64_t products = products_that_fit(ops, family, room);
      if (products > 0) cuts_.push_back({family, products});
    }
  }

  OpList sliced() {
    if (cuts_.empty()) return ops_;
    for (const Cut& cut : cuts_) {
      for (const TensorId id : cut.family.tensors) {
        slices_of_[static_cast<std::size_t>(id)] = cut.slices();
      }
    }
    for (std::size_t i = 0; i < ops_.tensors.size(); ++i) add_tensor(static_cast<TensorId>(i));
    for (StoredTensor& tensor : list_.tensors) {
      if (tensor.tail_of >= 0)
        tensor.tail_of = first_part_[static_cast<std::size_t>(tensor.tail_of)];
    }
    for (std::size_t g = 0; g < ops_.groups.size(); ++g) add_from(static_cast<std::int32_t>(g));
    return std::move(list_);
  }

 private:
  struct Cut {
    ProductFamily family;
    std::int64_t products;  ///< of a slice; the last may have fewer

    std::int64_t slices() const { return ceil_div(family.products, products); }
  };

  const StoredTensor& tensor(TensorId id) const {
    return ops_.tensors[static_cast<std::size_t>(id)];
  }

  const Cut& cut_of(TensorId id) const {
    return *std::find_if(cuts_.begin(), cuts_.end(), [&](const Cut& cut) {
      return std::binary_search(cut.family.tensors.begin(), cut.family.tensors.end(), id);
    });
  }

  void add_tensor(TensorId id) {
    const StoredTensor& whole = tensor(id);
    first_part_.push_back(static_cast<TensorId>(list_.tensors.size()));
    const std::int64_t slices = slices_of_[static_cast<std::size_t>(id)];
    if (slices == 1) {
      list_.tensors.push_back(whole);
      return;
    }
    const Cut& cut = cut_of(id);
    const std::int64_t rows = whole.rows / cut.family.products * cut.products;
    for (std::int64_t slice = 0; slice < slices; ++slice) {
      const std::int64_t first = slice * rows;
      StoredTensor part = part_of(whole, first, std::min(rows, whole.rows - first));
      part.name += fmt::format(" slice {}", slice);
      list_.tensors.push_back(std::move(part));
    }
  }

  void add_from(std::int32_t group) {
    if (moved_[static_cast<std::size_t>(group)]) return;
    for (const Cut& cut : cuts_) {
      for (const ProductChain& chain : cut.family.chains) {
        if (chain.groups.front() == group) return add_chain(cut, chain);
      }
    }
    add_group(group);
  }

  void add_group(std::int32_t group) {
    moved_[static_cast<std::size_t>(group)] = true;
    OpGroup same = ops_.groups[static_cast<std::size_t>(group)];
    renumber(same, 0);
    list_.groups.push_back(std::move(same));
  }

  void add_chain(const Cut& cut, const ProductChain& chain) {
    for (const std::int32_t group : chain.before) {
      if (!moved_[static_cast<std::size_t>(group)]) add_group(group);
    }
    for (const std::int32_t group : chain.groups) moved_[static_cast<std::size_t>(group)] = true;
    for (const Turn& turn : turns(ops_, chain, cut.slices())) {
      list_.groups.push_back(slice_of(cut, chain.groups[turn.place], turn.slice));
    }
  }

  OpGroup slice_of(const Cut& cut, std::int32_t group, std::int64_t slice) const {
    OpGroup part = ops_.groups[static_cast<std::size_t>(group)];
    const std::int64_t first = slice * cut.products;
    const std::int64_t count = std::min(cut.products, cut.family.products - first);
    part.slice = static_cast<std::int32_t>(slice);
    part.slices = static_cast<std::int32_t>(cut.slices());
    if (slice + 1 < cut.slices()) part.reduction_writes.clear();
    if (part.gemms.empty()) {
      part.rows = part.rows / cut.family.products * count;
    } else {
      GemmWork& work = part.gemms.front();
      work.first_product = first;
      work.product_count = count;
      part.rows = work.gemm_m() * count;
      part.cols = work.n;
    }
    renumber(part, slice);
    return part;
  }

  /// Steps and their values describe whole tensors.
  void renumber(OpGroup& group, std::int64_t slice) const {
    group.steps.clear();
    group.values.clear();
    const auto number = [&](TensorId& id) {
      const bool cut = slices_of_[static_cast<std::size_t>(id)] > 1;
      id = first_part_[static_cast<std::size_t>(id)] + static_cast<TensorId>(cut ? slice : 0);
    };
    visit_reads(group, number);
    visit_writes(group, number);
  }

  const OpList& ops_;
  std::vector<Cut> cuts_;
  std::vector<std::int64_t> slices_of_;  ///< of each tensor
  std::vector<TensorId> first_part_;     ///< of each tensor, in the new list
  std::vector<bool> moved_;              ///< groups that are in the new list already
  OpList list_;
};

}  // namespace

OpList slice_products(const OpList& ops, Bytes room) { return Slicer(ops, room).sliced(); }

std::vector<Bytes> least_slice_rooms(const OpList& ops) {
  std::vector<Bytes> rooms;
  for (const ProductFamily& family : product_families(ops)) {
    const Bytes room = room_of(ops, family, 1);
    if (room > Bytes(0)) rooms.push_back(room);
  }
  std::sort(rooms.begin(), rooms.end());
  rooms.erase(std::unique(rooms.begin(), rooms.end()), rooms.end());
  return rooms;
}

}  // namespace mxsim
