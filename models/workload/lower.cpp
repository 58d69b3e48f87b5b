#include "models/workload/lower.h"

#include <algorithm>
#include <map>

#include "models/core/error.h"
#include "models/workload/format_rules.h"
#include "models/workload/fusion.h"
#include "models/workload/gradient_accumulation.h"
#include "models/workload/group_packing.h"
#include "models/workload/shaped_graph.h"
#include "models/workload/storage_plan.h"
#include "models/workload/training_graph.h"
#include "models/workload/vector_ops.h"
#include "models/workload/zero_shares.h"

namespace mxsim {
namespace {

void add_once(std::vector<TensorId>& ids, TensorId id) {
  if (std::find(ids.begin(), ids.end(), id) == ids.end()) ids.push_back(id);
}

class Lowerer {
 public:
  Lowerer(const ShapedGraph& graph, const StepList& steps, const std::vector<FusedGroup>& groups,
          const StoragePlan& plan, const std::optional<ArraySpec>& array)
      : graph_(graph),
        steps_(steps),
        groups_(groups),
        plan_(plan),
        array_(array),
        computed_in_(steps.values.size(), -1) {}

  OpList lower() {
    list_.tensors = plan_.tensors;
    auto conversion = plan_.conversions.begin();
    for (std::size_t g = 0; g < groups_.size(); ++g) {
      for (; conversion != plan_.conversions.end() &&
             conversion->before_group == static_cast<std::int32_t>(g);
           ++conversion) {
        list_.groups.push_back(convert(*conversion));
      }
      list_.groups.push_back(group(static_cast<std::int32_t>(g)));
    }
    return std::move(list_);
  }

 private:
  const StoredTensor& tensor(TensorId id) const { return plan_.tensors[id]; }

  Encoding encoding(TensorId id, ValueForm form) const {
    return form == ValueForm::kCode ? Encoding::kNone : encoding_to(tensor(id).layout.format);
  }

  OpGroup convert(const Conversion& conversion) const {
    const Step& user = steps_.steps[groups_[conversion.before_group].chain.front()];
    const bool decodes = is_block_scaled(tensor(conversion.from).layout.format);
    OpGroup group;
    group.layer = graph_.layers[user.layer].name;
    const bool encodes = is_block_scaled(tensor(conversion.to).layout.format);
    group.op = !decodes ? "quantize" : encodes ? "requantize" : "dequantize";
    group.pass = user.pass;
    group.rows = tensor(conversion.to).rows;
    group.cols = tensor(conversion.to).cols;
    if (decodes) group.vector_ops = {{Event::kRequantDecode, 1}};
    group.streamed_reads = {conversion.from};
    group.writes = {{conversion.to, encoding(conversion.to, ValueForm::kByPolicy)}};
    return group;
  }

  OpGroup group(std::int32_t index) {
    const FusedGroup& fused = groups_[index];
    const Step& head = steps_.steps[fused.chain.front()];
    OpGroup group;
    group.layer = graph_.layers[head.layer].name;
    group.pass = head.pass;
    group.rows = head.grid.rows;
    group.cols = head.grid.cols;
    if (head.kind == StepKind::kGemm) add_gemms(fused.chain.front(), group);
    numbers_.clear();
    for (const std::int32_t s : fused.chain) add_step(steps_.steps[s], index, group);
    for (const std::int32_t s : fused.reductions) add_step(steps_.steps[s], index, group);
    add_decodes(group);
    return group;
  }

  void add_gemms(std::int32_t s, OpGroup& group) const {
    const StoragePlan::Operands& operands = plan_.operands[s];
    group.gemms = steps_.steps[s].gemms;
    for (GemmWork& work : group.gemms) {
      if (array_) work = pack_groups(work, packed_groups(work, *array_, group.pass));
      work.a = operands.a;
      work.b = operands.b;
      work.format_a = operands.layout_a.format;
      work.format_b = operands.layout_b.format;
      work.block_a = operands.layout_a.block;
      work.block_b = operands.layout_b.block;
      work.role_a = tensor(operands.a).role;
      work.role_b = tensor(operands.b).role;
    }
  }

  /// What the group has computed so far is not read back.
  void add_step(const Step& step, std::int32_t index, OpGroup& group) {
    group.op += (group.op.empty() ? "" : "+") + step.op;
    for (const VectorOps& ops : step.ops) add_ops(group.vector_ops, ops);
    const auto computed_here = [&](ValueId v) { return computed_in_[v] == index; };
    for (const ValueId v : step.reads) {
      if (!computed_here(v)) add_once(group.streamed_reads, plan_.elementwise[v]);
    }
    for (const ValueId v : step.broadcasts) {
      if (!computed_here(v)) add_once(group.broadcast_reads, plan_.elementwise[v]);
    }
    const bool reduces = step.kind == StepKind::kReduction;
    const bool searched = std::any_of(step.writes.begin(), step.writes.end(),
                                      [&](ValueId v) { return plan_.searched[v]; });
    if (searched) add_ops(group.vector_ops, {Event::kVectorCompare, 1});
    group.steps.push_back(described(step, index, group));
    for (const ValueId v : step.writes) {
      if (steps_.values[v].origin == ValueOrigin::kComputed) computed_in_[v] = index;
      add_writes(v, reduces ? group.reduction_writes : group.writes);
    }
    for (const ValueId v : step.sums) {
      computed_in_[v] = index;
      add_writes(v, group.reduction_writes);
    }
  }

  /// The step with its operands as the group finds and leaves them.
  GroupStep described(const Step& step, std::int32_t index, OpGroup& group) {
    GroupStep described{graph_.layers[step.layer].name, step.op, step.grid,
                        step.kind == StepKind::kGemm, step.function};
    const auto found = [&](ValueId v) {
      return computed_in_[v] == index ? GroupRead{-1, numbers_.at(v)}
                                      : GroupRead{plan_.elementwise[v], -1};
    };
    const auto left = [&](ValueId v) {
      numbers_[v] = static_cast<std::int32_t>(group.values.size());
      group.values.push_back({steps_.values[v].view, plan_.written[v]});
      return numbers_[v];
    };
    for (const ValueId v : step.reads) described.reads.push_back(found(v));
    for (const ValueId v : step.broadcasts) described.broadcasts.push_back(found(v));
    const bool reduces = step.kind == StepKind::kReduction;
    for (const ValueId v : step.writes) {
      (reduces ? described.sums : described.writes).push_back(left(v));
    }
    for (const ValueId v : step.sums) described.sums.push_back(left(v));
    return described;
  }

  void add_writes(ValueId v, std::vector<TensorWrite>& writes) const {
    for (const TensorId id : plan_.written[v]) {
      const bool present = std::any_of(writes.begin(), writes.end(), [&](const TensorWrite& write) {
        return write.tensor == id;
      });
      if (!present) writes.push_back({id, encoding(id, steps_.values[v].form)});
    }
  }

  /// Block-scaled tensors that elementwise steps read are decoded; one of another size than the
  /// grid (pooling) in proportion, rounded up.
  void add_decodes(OpGroup& group) const {
    for (const TensorId id : group.streamed_reads) {
      if (!is_block_scaled(tensor(id).layout.format)) continue;
      const std::int64_t elements = exact_mul(tensor(id).rows, tensor(id).cols);
      add_ops(group.vector_ops, {Event::kRequantDecode, ceil_div(elements, group.elements())});
    }
  }

  const ShapedGraph& graph_;
  const StepList& steps_;
  const std::vector<FusedGroup>& groups_;
  const StoragePlan& plan_;
  const std::optional<ArraySpec>& array_;
  std::vector<std::int32_t> computed_in_;    ///< of each value: group index
  std::map<ValueId, std::int32_t> numbers_;  ///< in OpGroup::values of the group at hand
  OpList list_;
};

}  // namespace

OpList lower(const Graph& graph, const LoweringPolicy& policy) {
  const std::int64_t micro_batches = policy.gradient_accumulation_steps;
  ensure(policy.batch % micro_batches == 0, "micro-batches of different sizes");
  const ShapedGraph shaped = shape_graph(graph, policy.batch / micro_batches, policy.dimensions);
  const FormatRules rules(policy, shaped);
  TrainingPolicy training = policy.training;
  training.adds_gradients = micro_batches > 1;
  training.micro_batches = micro_batches;
  const StepList steps =
      derive_steps(shaped, trains(policy.mode) ? Mode::kTrain : Mode::kInfer, training);
  const std::vector<FusedGroup> groups = fuse(steps);
  const StoragePlan plan = plan_storage(steps, groups, rules);
  OpList ops = Lowerer(shaped, steps, groups, plan, policy.array).lower();
  state_zeros(policy.zeros, ops);
  return micro_batches == 1 ? ops : accumulate_gradients(ops, micro_batches);
}

}  // namespace mxsim
