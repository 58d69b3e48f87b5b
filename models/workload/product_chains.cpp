#include "models/workload/product_chains.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <set>

#include "models/workload/group_tensors.h"

namespace mxsim {
namespace {

/// One batch of products, each a plain matrix product.
bool is_batch(const OpGroup& group) {
  if (group.gemms.size() != 1) return false;
  const GemmWork& work = group.gemms.front();
  return work.products() > 1 && work.packed == 1 && work.taps() == 1 && work.w.out == 1 &&
         work.product_count == 0;
}

/// Tensors of a batch whose matrices lie one below the other.
std::vector<TensorId> row_tensors(const OpGroup& group) {
  const GemmWork& work = group.gemms.front();
  std::vector<TensorId> ids;
  if (work.a_groups == GroupAxis::kRows) ids.push_back(work.a);
  if (work.b_groups == GroupAxis::kRows) ids.push_back(work.b);
  if (work.result_groups != GroupAxis::kRows) return ids;
  ids.insert(ids.end(), group.streamed_reads.begin(), group.streamed_reads.end());
  for (const TensorWrite& write : group.writes) ids.push_back(write.tensor);
  return ids;
}

std::vector<TensorId> streamed_tensors(const OpGroup& group) {
  std::vector<TensorId> ids = group.streamed_reads;
  for (const TensorWrite& write : group.writes) ids.push_back(write.tensor);
  return ids;
}

/// Finds for each tensor whether it can be cut, and into how many products.
class CutTensors {
 public:
  explicit CutTensors(const OpList& ops) : ops_(ops), products_(ops.tensors.size(), kUnknown) {
    keep_given_and_results();
    for (const OpGroup& group : ops.groups) begin(group);
    while (spread()) {
    }
    while (refuse()) {
    }
  }

  std::int64_t products(TensorId id) const { return products_[static_cast<std::size_t>(id)]; }
  /// 0: the group is no part of a chain.
  std::int64_t products(const OpGroup& group) const {
    const std::vector<TensorId> ids = own_tensors(group);
    return !ids.empty() && agrees(group, ids) ? products(ids.front()) : 0;
  }
  static std::vector<TensorId> own_tensors(const OpGroup& group) {
    if (group.gemms.empty()) return streamed_tensors(group);
    return is_batch(group) ? row_tensors(group) : std::vector<TensorId>{};
  }

 private:
  static constexpr std::int64_t kUnknown = 0;
  static constexpr std::int64_t kWhole = -1;

  std::int64_t& of(TensorId id) { return products_[static_cast<std::size_t>(id)]; }

  /// A tensor is cut only if one group writes it and later ones read it.
  void keep_given_and_results() {
    std::vector<std::int32_t> written(products_.size(), 0);
    std::vector<bool> used(products_.size(), false);
    for (const OpGroup& group : ops_.groups) {
      for (const TensorId id : tensors_read(group)) {
        if (written[static_cast<std::size_t>(id)] == 0) of(id) = kWhole;
        used[static_cast<std::size_t>(id)] = true;
      }
      for (const TensorId id : tensors_written(group)) ++written[static_cast<std::size_t>(id)];
    }
    for (std::size_t i = 0; i < products_.size(); ++i) {
      if (written[i] != 1 || !used[i]) products_[i] = kWhole;
    }
  }

  /// Whole: what is used otherwise than as rows of products or streamed.
  void begin(const OpGroup& group) {
    const std::vector<TensorId> own = own_tensors(group);
    const auto note = [&](TensorId id) {
      if (std::find(own.begin(), own.end(), id) == own.end()) of(id) = kWhole;
    };
    for (const TensorId id : tensors_read(group)) note(id);
    for (const TensorId id : tensors_written(group)) note(id);
    if (group.gemms.empty()) return;
    for (const TensorId id : own) {
      const std::int64_t count = group.gemms.front().products();
      const bool fits = ops_.tensors[static_cast<std::size_t>(id)].rows % count == 0 &&
                        (of(id) == kUnknown || of(id) == count);
      of(id) = fits ? count : kWhole;
    }
  }

  bool equal_shapes(const OpGroup& group, const std::vector<TensorId>& ids) const {
    return !group.gemms.empty() || std::all_of(ids.begin(), ids.end(), [&](TensorId id) {
      const StoredTensor& tensor = ops_.tensors[static_cast<std::size_t>(id)];
      return tensor.rows == group.rows && tensor.cols == group.cols;
    });
  }

  /// Streams pass the number of products on.
  bool spread() {
    bool changed = false;
    for (const OpGroup& group : ops_.groups) {
      if (!group.gemms.empty()) continue;
      const std::vector<TensorId> ids = own_tensors(group);
      if (!equal_shapes(group, ids)) continue;
      const auto known =
          std::find_if(ids.begin(), ids.end(), [&](TensorId id) { return products(id) > 0; });
      if (known == ids.end()) continue;
      for (const TensorId id : ids) {
        if (of(id) != kUnknown) continue;
        of(id) = products(*known);
        changed = true;
      }
    }
    return changed;
  }

  bool agrees(const OpGroup& group, const std::vector<TensorId>& ids) const {
    return equal_shapes(group, ids) && std::all_of(ids.begin(), ids.end(), [&](TensorId id) {
             return products(id) > 0 && products(id) == products(ids.front());
           });
  }

  /// Tensors of a group that is not cut stay whole.
  bool refuse() {
    bool changed = false;
    for (const OpGroup& group : ops_.groups) {
      const std::vector<TensorId> ids = own_tensors(group);
      if (agrees(group, ids)) continue;
      for (const TensorId id : ids) {
        changed = changed || of(id) != kWhole;
        of(id) = kWhole;
      }
    }
    return changed;
  }

  const OpList& ops_;
  std::vector<std::int64_t> products_;
};

/// Groups that share cut tensors are one family.
class Families {
 public:
  Families(const OpList& ops, const CutTensors& cut)
      : ops_(ops), cut_(cut), family_(ops.tensors.size()) {
    std::iota(family_.begin(), family_.end(), TensorId{0});
    for (const OpGroup& group : ops.groups) {
      if (cut.products(group) == 0) continue;
      const std::vector<TensorId> ids = CutTensors::own_tensors(group);
      for (const TensorId id : ids) join(ids.front(), id);
    }
  }

  std::vector<ProductFamily> all() {
    std::map<TensorId, std::vector<std::int32_t>> members;
    for (std::size_t g = 0; g < ops_.groups.size(); ++g) {
      if (const TensorId family = of(static_cast<std::int32_t>(g)); family >= 0) {
        members[family].push_back(static_cast<std::int32_t>(g));
      }
    }
    std::vector<ProductFamily> families;
    for (const auto& [family, groups] : members) {
      ProductFamily& made = families.emplace_back();
      made.products = cut_.products(family);
      made.chains = chains(groups);
      for (std::size_t id = 0; id < family_.size(); ++id) {
        if (root(static_cast<TensorId>(id)) == family) {
          made.tensors.push_back(static_cast<TensorId>(id));
        }
      }
    }
    return families;
  }

 private:
  TensorId root(TensorId id) const {
    while (family_[static_cast<std::size_t>(id)] != id) id = family_[static_cast<std::size_t>(id)];
    return id;
  }
  void join(TensorId a, TensorId b) {
    const TensorId first = root(a);
    const TensorId second = root(b);
    family_[static_cast<std::size_t>(std::max(first, second))] = std::min(first, second);
  }
  TensorId of(std::int32_t group) const {
    const OpGroup& each = ops_.groups[static_cast<std::size_t>(group)];
    if (cut_.products(each) == 0) return -1;
    return root(CutTensors::own_tensors(each).front());
  }

  std::vector<ProductChain> chains(const std::vector<std::int32_t>& groups) const {
    std::vector<ProductChain> chains;
    for (const std::int32_t group : groups) {
      if (chains.empty() || !extend(chains.back(), group)) chains.push_back({{group}, {}});
    }
    return chains;
  }

  /// Whether the group needs nothing of the chain but slices, and the groups between the chain's
  /// last and this one may go before the chain.
  bool extend(ProductChain& chain, std::int32_t group) const {
    std::set<TensorId> read;
    std::set<TensorId> written;
    for (const std::int32_t own : chain.groups) {
      const OpGroup& each = ops_.groups[static_cast<std::size_t>(own)];
      for (const TensorId id : tensors_read(each)) read.insert(id);
      for (const TensorId id : tensors_written(each)) written.insert(id);
    }
    const std::vector<TensorId> needs = tensors_read(ops_.groups[static_cast<std::size_t>(group)]);
    const bool needs_whole = std::any_of(needs.begin(), needs.end(), [&](TensorId id) {
      return cut_.products(id) <= 0 && written.contains(id);
    });
    if (needs_whole) return false;
    std::vector<std::int32_t> between;
    for (std::int32_t g = chain.groups.back() + 1; g < group; ++g) {
      const OpGroup& each = ops_.groups[static_cast<std::size_t>(g)];
      const std::vector<TensorId> reads = tensors_read(each);
      const std::vector<TensorId> writes = tensors_written(each);
      const auto depends = [&](TensorId id) { return written.contains(id); };
      const auto disturbs = [&](TensorId id) { return written.contains(id) || read.contains(id); };
      if (of(g) >= 0 || std::any_of(reads.begin(), reads.end(), depends) ||
          std::any_of(writes.begin(), writes.end(), disturbs)) {
        return false;
      }
      between.push_back(g);
    }
    chain.before.insert(chain.before.end(), between.begin(), between.end());
    chain.groups.push_back(group);
    return true;
  }

  const OpList& ops_;
  const CutTensors& cut_;
  std::vector<TensorId> family_;  ///< of each tensor: one with a smaller number, or itself
};

}  // namespace

std::vector<ProductFamily> product_families(const OpList& ops) {
  const CutTensors cut(ops);
  return Families(ops, cut).all();
}

}  // namespace mxsim
