#include "models/workload/gradient_accumulation.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "models/core/error.h"
#include "models/workload/element_function.h"
#include "models/workload/group_tensors.h"
#include "models/workload/vector_ops.h"

namespace mxsim {
namespace {

/// What becomes of a tensor when the step is repeated.
enum class Copies : std::uint8_t {
  kShared,    ///< the same in every micro-batch
  kGradient,  ///< the same, and summed up
  kOwn,       ///< one for every micro-batch
};

std::vector<Copies> copies_of(const OpList& ops) {
  std::vector<Copies> copies;
  for (const StoredTensor& tensor : ops.tensors) {
    const bool parameter = tensor.role == TensorRole::kWeight ||
                           tensor.role == TensorRole::kMasterWeight ||
                           tensor.role == TensorRole::kOptimizerState;
    copies.push_back(parameter ? Copies::kShared : Copies::kOwn);
  }
  std::vector<bool> written(ops.tensors.size(), false);
  std::vector<bool> read(ops.tensors.size(), false);
  for (const OpGroup& group : ops.groups) {
    visit_reads(group, [&](TensorId id) {
      const auto at = static_cast<std::size_t>(id);
      const bool gradient = ops.tensors[at].role == TensorRole::kWeightGradient;
      if (group.pass == Pass::kUpdate && gradient) copies[at] = Copies::kGradient;
      if (!written[at]) read[at] = true;
    });
    visit_writes(group, [&](TensorId id) {
      const auto at = static_cast<std::size_t>(id);
      const bool running = read[at] && !written[at];
      if (running && copies[at] == Copies::kOwn) copies[at] = Copies::kShared;
      written[at] = true;
    });
  }
  return copies;
}

class Accumulation {
 public:
  explicit Accumulation(const OpList& one) : one_(one), copies_(copies_of(one)) {
    all_.tensors = one.tensors;
    for (std::size_t i = 0; i < copies_.size(); ++i) {
      if (copies_[i] == Copies::kGradient) widen(all_.tensors[i]);
    }
  }

  OpList repeat(std::int64_t steps) {
    for (std::int64_t step = 0; step < steps; ++step) {
      number_tensors(step);
      for (const OpGroup& group : one_.groups) {
        if (group.pass == Pass::kUpdate || (step > 0 && copies_weights(group))) continue;
        add(group, step);
      }
    }
    number_tensors(0);
    for (const OpGroup& group : one_.groups) {
      if (group.pass == Pass::kUpdate) all_.groups.push_back(group);
    }
    return std::move(all_);
  }

 private:
  static void widen(StoredTensor& gradient) {
    gradient.layout = DataLayout{};
    gradient.name =
        gradient.name.substr(0, gradient.name.find('@')) + "@" + gradient.layout.format.name;
  }

  Copies copies(TensorId id) const { return copies_[static_cast<std::size_t>(id)]; }

  void number_tensors(std::int64_t step) {
    ids_.clear();
    for (std::size_t i = 0; i < copies_.size(); ++i) {
      const bool again = step > 0 && copies_[i] == Copies::kOwn;
      ids_.push_back(static_cast<TensorId>(again ? all_.tensors.size() : i));
      if (!again) continue;
      StoredTensor tensor = one_.tensors[i];
      tensor.name.insert(std::min(tensor.name.find('@'), tensor.name.size()),
                         fmt::format("#{}", step));
      all_.tensors.push_back(std::move(tensor));
    }
  }

  bool copies_weights(const OpGroup& group) const {
    bool only = group.gemms.empty();
    visit_writes(group, [&](TensorId id) {
      only = only && one_.tensors[static_cast<std::size_t>(id)].role == TensorRole::kWeight;
    });
    return only;
  }

  void add(OpGroup group, std::int64_t step) {
    for (TensorWrite& write : group.writes) {
      if (copies(write.tensor) == Copies::kGradient) write.encoding = Encoding::kNone;
    }
    if (step > 0) add_sums(group);
    const auto renumber = [&](TensorId& id) { id = ids_[static_cast<std::size_t>(id)]; };
    visit_reads(group, renumber);
    visit_writes(group, renumber);
    visit_steps(group, renumber);
    all_.groups.push_back(std::move(group));
  }

  void add_sums(OpGroup& group) const {
    bool any = false;
    for (const TensorWrite& write : group.writes) {
      if (copies(write.tensor) != Copies::kGradient) continue;
      group.streamed_reads.push_back(write.tensor);
      add_ops(group.vector_ops, {Event::kVectorAdd, 1});
      add_so_far(group, write.tensor);
      any = true;
    }
    for (const TensorWrite& write : group.reduction_writes) {
      if (copies(write.tensor) != Copies::kGradient) continue;
      group.broadcast_reads.push_back(write.tensor);
      add_so_far(group, write.tensor);
      any = true;
    }
    if (any) group.op += "+accumulate";
  }

  /// What is stored in `gradient` is added to what it held.
  static void add_so_far(OpGroup& group, TensorId gradient) {
    for (std::size_t v = 0; v < group.values.size(); ++v) {
      if (std::erase(group.values[v].stored, gradient) == 0) continue;
      const MatrixView view = group.values[v].view;
      GroupStep add{group.layer, "accumulate", view, false, added()};
      add.reads = {{-1, static_cast<std::int32_t>(v)}, {gradient, -1}};
      add.writes = {static_cast<std::int32_t>(group.values.size())};
      group.values.push_back({view, {gradient}});
      group.steps.push_back(std::move(add));
      return;
    }
  }

  const OpList& one_;
  std::vector<Copies> copies_;
  std::vector<TensorId> ids_;  ///< of the micro-batch at hand, by those of the first
  OpList all_;
};

}  // namespace

OpList accumulate_gradients(const OpList& micro_batch, std::int64_t steps) {
  ensure(steps > 0, "a step without micro-batches");
  return Accumulation(micro_batch).repeat(steps);
}

}  // namespace mxsim
