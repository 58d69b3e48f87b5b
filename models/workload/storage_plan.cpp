#include "models/workload/storage_plan.h"

#include <algorithm>
#include <optional>

#include "models/core/error.h"
#include "models/formats/format_parameters.h"

namespace mxsim {
namespace {

enum class Side : std::uint8_t { kA, kB };

struct GemmUse {
  std::int32_t group;
  std::int32_t step;
  Side side;
  DataLayout operand;  ///< what is multiplied
  ReductionAxis axis;
};

struct Uses {
  std::vector<GemmUse> gemms;           ///< in the order of groups
  std::int32_t first_elementwise = -1;  ///< group that reads it elementwise, if any
  std::int32_t elementwise_layer = -1;  ///< and its layer
};

struct Copy {
  DataLayout layout;
  std::optional<ReductionAxis> axis;  ///< of its readers, where each orientation has a copy
  std::int32_t first_group;
  TensorId tensor;
};

std::string block_text(const DataLayout& layout) {
  const auto extent = [](std::int64_t n) {
    return n == kWholeAxis ? std::string("all") : std::to_string(n);
  };
  return is_block_scaled(layout.format)
             ? ":" + extent(layout.block.rows) + "x" + extent(layout.block.cols)
             : "";
}

std::string axis_text(std::optional<ReductionAxis> axis) {
  if (!axis) return "";
  return *axis == ReductionAxis::kCols ? " for sums along rows" : " for sums along columns";
}

/// Element k of both operands' summed axis is row or column k of their matrices, so that transforms
/// of both cancel: one product, no window.
bool sums_line_up(const GemmWork& work) {
  const auto plain = [](const WindowAxis& axis) {
    return axis.kernel == 1 && axis.stride == 1 && axis.pad == 0 && axis.out == axis.in;
  };
  return work.products() == 1 && plain(work.h) && plain(work.w);
}

class Planner {
 public:
  Planner(const StepList& list, const std::vector<FusedGroup>& groups, const FormatRules& rules)
      : list_(list),
        groups_(groups),
        rules_(rules),
        uses_(list.values.size()),
        computed_in_(list.values.size(), -1) {
    plan_.written.resize(list.values.size());
    plan_.elementwise.assign(list.values.size(), -1);
    plan_.searched.assign(list.values.size(), false);
    plan_.operands.resize(list.steps.size());
  }

  StoragePlan plan() {
    for (std::size_t g = 0; g < groups_.size(); ++g) note_group(static_cast<std::int32_t>(g));
    for (const ValueId v : list_.outputs) note_elementwise(v, -1, list_.values[v].layer);
    for (std::size_t v = 0; v < list_.values.size(); ++v) {
      if (fixed_layout(list_.values[v])) plan_fixed(static_cast<ValueId>(v));
    }
    for (std::size_t v = 0; v < list_.values.size(); ++v) {
      if (!fixed_layout(list_.values[v])) plan_copies(static_cast<ValueId>(v));
    }
    for (std::size_t v = 0; v < list_.values.size(); ++v) plan_tail(static_cast<ValueId>(v));
    std::stable_sort(
        plan_.conversions.begin(), plan_.conversions.end(),
        [](const Conversion& a, const Conversion& b) { return a.before_group < b.before_group; });
    return std::move(plan_);
  }

 private:
  void note_group(std::int32_t g) {
    const auto note_step = [&](std::int32_t s) {
      const Step& step = list_.steps[s];
      const auto note = [&](ValueId v) {
        if (computed_in_[v] != g) note_elementwise(v, g, step.layer);
      };
      std::for_each(step.reads.begin(), step.reads.end(), note);
      std::for_each(step.broadcasts.begin(), step.broadcasts.end(), note);
      if (step.kind == StepKind::kGemm) note_gemm(g, s);
      for (const ValueId v : step.writes) {
        if (list_.values[v].origin == ValueOrigin::kComputed) computed_in_[v] = g;
      }
      for (const ValueId v : step.sums) computed_in_[v] = g;
    };
    std::for_each(groups_[g].chain.begin(), groups_[g].chain.end(), note_step);
    std::for_each(groups_[g].reductions.begin(), groups_[g].reductions.end(), note_step);
  }

  void note_elementwise(ValueId v, std::int32_t group, std::int32_t layer) {
    Uses& uses = uses_[v];
    if (uses.elementwise_layer < 0) {
      uses.first_elementwise = group;
      uses.elementwise_layer = layer;
    }
  }

  void note_gemm(std::int32_t g, std::int32_t s) {
    const Step& step = list_.steps[s];
    const bool transforms = std::all_of(step.gemms.begin(), step.gemms.end(), sums_line_up);
    const auto layout = [&](const GemmOperand& operand) {
      DataLayout chosen =
          rules_.operand(step.layer, step.pass, list_.values[operand.value].role, operand.axis);
      if (!transforms) chosen.format = without_hadamard(std::move(chosen.format));
      return chosen;
    };
    plan_.operands[s].layout_a = layout(step.a);
    plan_.operands[s].layout_b = layout(step.b);
    uses_[step.a.value].gemms.push_back({g, s, Side::kA, plan_.operands[s].layout_a, step.a.axis});
    uses_[step.b.value].gemms.push_back({g, s, Side::kB, plan_.operands[s].layout_b, step.b.axis});
  }

  std::optional<DataLayout> fixed_layout(const Value& value) const {
    switch (value.form) {
      case ValueForm::kFp32:
        return DataLayout{};
      case ValueForm::kState:
        return rules_.state();
      case ValueForm::kWide:
        return rules_.wide();
      case ValueForm::kCode:
        return DataLayout{code_format(value.code_bits), {1, 1}};
      default:
        return std::nullopt;
    }
  }

  TensorId add_tensor(ValueId v, const DataLayout& layout,
                      std::optional<ReductionAxis> axis = std::nullopt) {
    const Value& value = list_.values[v];
    StoredTensor tensor;
    tensor.name = value.name + "@" + layout.format.name + block_text(layout) + axis_text(axis);
    tensor.role = value.role;
    tensor.rows = value.view.rows;
    tensor.cols = value.view.cols;
    tensor.layout = layout;
    tensor.passing = value.passing;
    tensor.lasting = value.lasting;
    plan_.tensors.push_back(std::move(tensor));
    return static_cast<TensorId>(plan_.tensors.size() - 1);
  }

  void plan_fixed(ValueId v) {
    ensure(uses_[v].gemms.empty(), "a GEMM reads a value without a GEMM format");
    if (uses_[v].elementwise_layer < 0) return;
    plan_.elementwise[v] = add_tensor(v, *fixed_layout(list_.values[v]));
    plan_.written[v] = {plan_.elementwise[v]};
  }

  void plan_copies(ValueId v) {
    std::vector<Copy> copies;
    for (const GemmUse& use : uses_[v].gemms) {
      const DataLayout layout = rules_.stored(use.operand, list_.values[v].role);
      const TensorId transposed = turned_on_load(copies, layout);
      const TensorId tensor =
          transposed >= 0 ? transposed
                          : copy_in(copies, v, layout, use.group, copied_axis(layout, use.axis));
      StoragePlan::Operands& operands = plan_.operands[use.step];
      (use.side == Side::kA ? operands.a : operands.b) = tensor;
    }
    refuse_reuse(v, copies);
    if (uses_[v].elementwise_layer >= 0) plan_elementwise(v, copies);
    schedule(v, copies, unscaled_copy(v, copies));
  }

  /// Tiles serve both orientations, unless the policy asks for a copy of each.
  std::optional<ReductionAxis> copied_axis(const DataLayout& layout, ReductionAxis axis) const {
    const TransposePolicy policy = rules_.policy().transpose;
    const bool copies = policy == TransposePolicy::kDual || policy == TransposePolicy::kRequantize;
    if (!copies || !is_block_scaled(layout.format)) return std::nullopt;
    return is_tile(layout.block) ? std::optional(axis) : std::nullopt;
  }

  /// The copy in the same format whose 1-D blocks run along the other axis, if loads turn it.
  TensorId turned_on_load(const std::vector<Copy>& copies, const DataLayout& layout) const {
    if (rules_.policy().transpose != TransposePolicy::kRequantizeOnLoad) return -1;
    if (!is_block_scaled(layout.format)) return -1;
    if (is_tile(layout.block)) {
      throw InputError({{"", "/formats/transpose",
                         "requantize-on-load needs 1-D blocks: one copy in tiles of " +
                             layout.format.name + " serves both orientations (use reuse)"}});
    }
    for (const Copy& copy : copies) {
      if (copy.layout.format.name == layout.format.name) return copy.tensor;
    }
    return -1;
  }

  TensorId copy_in(std::vector<Copy>& copies, ValueId v, const DataLayout& layout,
                   std::int32_t group, std::optional<ReductionAxis> axis = std::nullopt) {
    for (const Copy& copy : copies) {
      if (copy.layout == layout && copy.axis == axis) return copy.tensor;
    }
    const ValueId master = list_.values[v].master;
    const bool is_master = master >= 0 && layout == *fixed_layout(list_.values[master]);
    const TensorId tensor = is_master ? plan_.elementwise[master] : add_tensor(v, layout, axis);
    copies.push_back({layout, axis, group, tensor});
    return tensor;
  }

  void refuse_reuse(ValueId v, const std::vector<Copy>& copies) const {
    if (rules_.policy().transpose != TransposePolicy::kReuse) return;
    for (auto copy = copies.begin(); copy != copies.end(); ++copy) {
      const bool has_twin = std::any_of(copies.begin(), copy, [&](const Copy& other) {
        return other.layout.format.name == copy->layout.format.name;
      });
      if (!has_twin) continue;
      throw InputError({{"", "/formats/transpose",
                         "reuse needs 2-D tiles: \"" + list_.values[v].name + "\" in " +
                             copy->layout.format.name +
                             " is reduced along rows and columns, which "
                             "1-D blocks cannot serve from one copy (use dual or requantize, or a "
                             "block such as [8, 8])"}});
    }
  }

  void plan_elementwise(ValueId v, std::vector<Copy>& copies) {
    const Value& value = list_.values[v];
    const Uses& uses = uses_[v];
    const bool masterless = value.form == ValueForm::kParameter && value.master < 0;
    const bool narrow = rules_.policy().elementwise == ElementwiseReads::kNarrow && !copies.empty();
    if (masterless || narrow || rules_.policy().storage == StoragePolicy::kAll) {
      if (copies.empty()) {
        const std::int32_t layer = value.layer >= 0 ? value.layer : uses.elementwise_layer;
        const Pass pass =
            value.role == TensorRole::kGradient ? Pass::kBackwardData : Pass::kForward;
        copy_in(copies, v, rules_.operand(layer, pass, value.role, ReductionAxis::kCols),
                uses.first_elementwise);
      }
      const auto plain = std::find_if(copies.begin(), copies.end(), [](const Copy& copy) {
        return copy.layout.format.hadamard == 0;
      });
      if (plain != copies.end()) {
        plan_.elementwise[v] = plain->tensor;
        return;
      }
    }
    for (const Copy& copy : copies) {
      if (rules_.at_least_wide(copy.layout)) plan_.elementwise[v] = copy.tensor;
    }
    if (plan_.elementwise[v] < 0) {
      plan_.elementwise[v] = copy_in(copies, v, rules_.wide(), uses.first_elementwise);
    }
  }

  /// What copies with a scale of the whole tensor are made from once the value is complete; -1:
  /// the scale is known before.
  TensorId unscaled_copy(ValueId v, std::vector<Copy>& copies) {
    const Value& value = list_.values[v];
    const bool changes = value.origin == ValueOrigin::kComputed || value.master >= 0;
    const auto scaled = std::find_if(copies.begin(), copies.end(), [](const Copy& copy) {
      return scales_whole_tensor(copy.layout);
    });
    if (rules_.policy().tensor_scale == TensorScale::kDelayed || !changes || scaled == copies.end())
      return -1;
    plan_.searched[v] = true;
    if (value.master >= 0) {
      plan_.searched[value.master] = true;
      return plan_.elementwise[value.master];
    }
    for (const Copy& copy : copies) {
      if (rules_.at_least_wide(copy.layout)) return copy.tensor;
    }
    return copy_in(copies, v, rules_.wide(), scaled->first_group);
  }

  /// Which copies come with the value and which are made from another.
  void schedule(ValueId v, const std::vector<Copy>& copies, TensorId unscaled) {
    const Value& value = list_.values[v];
    const bool network_input =
        value.origin == ValueOrigin::kGiven && value.form == ValueForm::kByPolicy;
    const bool once = rules_.policy().transpose == TransposePolicy::kRequantize;
    const TensorId given = network_input ? given_copy(v, copies) : -1;
    TensorId quantized = -1;
    for (const Copy& copy : copies) {
      const bool block_scaled = is_block_scaled(copy.layout.format);
      if (once && block_scaled && quantized >= 0) {
        plan_.conversions.push_back({copy.first_group, v, quantized, copy.tensor});
      } else if (unscaled >= 0 && scales_whole_tensor(copy.layout)) {
        plan_.conversions.push_back({copy.first_group, v, unscaled, copy.tensor});
      } else if (network_input && !comes_as(copy, given)) {
        plan_.conversions.push_back({copy.first_group, v, given, copy.tensor});
      } else {
        plan_.written[v].push_back(copy.tensor);
      }
      if (block_scaled && quantized < 0) quantized = copy.tensor;
    }
  }

  /// The value as the last rows of every copy of the value that it is appended to.
  void plan_tail(ValueId v) {
    const ValueId whole = list_.values[v].tail_of;
    if (whole < 0) return;
    for (const TensorId copy : std::vector<TensorId>(plan_.written[whole])) {
      const TensorId tail = add_tensor(v, plan_.tensors[copy].layout);
      plan_.tensors[tail].tail_of = copy;
      plan_.written[v].push_back(tail);
    }
  }

  bool gives_wide(ValueId v) const {
    const InputForm input = rules_.policy().input;
    return input == InputForm::kWide || (input == InputForm::kOperand && uses_[v].gemms.empty());
  }

  /// The copy in which an input of the network arrives.
  TensorId given_copy(ValueId v, const std::vector<Copy>& copies) {
    if (copies.empty()) return -1;
    const bool wide = gives_wide(v);
    const DataLayout layout = wide ? rules_.wide() : given_layout(v);
    for (const Copy& copy : copies) {
      if (wide ? rules_.at_least_wide(copy.layout) : copy.layout == layout) return copy.tensor;
    }
    return add_tensor(v, layout);
  }

  DataLayout given_layout(ValueId v) const {
    const std::vector<GemmUse>& gemms = uses_[v].gemms;
    if (gemms.empty()) return rules_.input(rules_.wide(), ReductionAxis::kCols);
    const GemmUse& first = gemms.front();
    return rules_.input(rules_.stored(first.operand, list_.values[v].role), first.axis);
  }

  bool comes_as(const Copy& copy, TensorId given) const {
    const bool wide = rules_.policy().input == InputForm::kWide;
    return copy.tensor == given || (wide && rules_.at_least_wide(copy.layout));
  }

  const StepList& list_;
  const std::vector<FusedGroup>& groups_;
  const FormatRules& rules_;
  std::vector<Uses> uses_;
  std::vector<std::int32_t> computed_in_;  ///< of each value: group
  StoragePlan plan_;
};

}  // namespace

StoragePlan plan_storage(const StepList& list, const std::vector<FusedGroup>& groups,
                         const FormatRules& rules) {
  return Planner(list, groups, rules).plan();
}

}  // namespace mxsim
