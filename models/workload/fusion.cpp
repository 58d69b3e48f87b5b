#include "models/workload/fusion.h"

#include <algorithm>

#include "models/core/error.h"

namespace mxsim {
namespace {

class Fuser {
 public:
  explicit Fuser(const StepList& list)
      : list_(list),
        readers_(list.values.size()),
        exists_(list.values.size()),
        is_output_(list.values.size(), false),
        taken_(list.steps.size(), false) {
    for (std::size_t v = 0; v < exists_.size(); ++v) {
      exists_[v] = list.values[v].origin == ValueOrigin::kGiven;
    }
    for (const ValueId output : list.outputs) is_output_[output] = true;
    for (std::size_t s = 0; s < list.steps.size(); ++s) note_reads(static_cast<std::int32_t>(s));
  }

  std::vector<FusedGroup> fuse() {
    std::vector<FusedGroup> groups;
    for (std::size_t s = 0; s < list_.steps.size(); ++s) {
      if (!taken_[s]) groups.push_back(group_from(static_cast<std::int32_t>(s)));
    }
    return groups;
  }

 private:
  const Step& step(std::int32_t s) const { return list_.steps[s]; }

  void note_reads(std::int32_t s) {
    const auto note = [&](ValueId v) {
      if (v < 0) return;
      std::vector<std::int32_t>& readers = readers_[v];
      if (readers.empty() || readers.back() != s) readers.push_back(s);
    };
    for (const ValueId v : step(s).reads) note(v);
    for (const ValueId v : step(s).broadcasts) note(v);
    note(step(s).a.value);
    note(step(s).b.value);
  }

  FusedGroup group_from(std::int32_t head) {
    FusedGroup group;
    std::int32_t next = head;
    while (next >= 0) {
      taken_[next] = true;
      group.chain.push_back(next);
      if (step(next).kind == StepKind::kReduction) break;
      const ValueId result = step(next).writes[0];
      attach_reductions(result, step(next).grid, group);
      next = successor(result, step(next), step(head));
    }
    for (const std::int32_t s : group.chain) mark_writes(s);
    for (const std::int32_t s : group.reductions) mark_writes(s);
    return group;
  }

  void mark_writes(std::int32_t s) {
    for (const ValueId v : step(s).writes) exists_[v] = true;
    for (const ValueId v : step(s).sums) exists_[v] = true;
  }

  bool others_exist(std::int32_t s, ValueId present) const {
    const auto there = [&](ValueId v) { return v == present || exists_[v]; };
    return std::all_of(step(s).reads.begin(), step(s).reads.end(), there) &&
           std::all_of(step(s).broadcasts.begin(), step(s).broadcasts.end(),
                       [&](ValueId v) { return exists_[v]; });
  }

  static bool reads_aligned(const Step& step, ValueId value) {
    return std::find(step.reads.begin(), step.reads.end(), value) != step.reads.end();
  }

  void attach_reductions(ValueId result, MatrixView grid, FusedGroup& group) {
    for (const std::int32_t reader : readers_[result]) {
      const Step& candidate = step(reader);
      if (taken_[reader] || candidate.kind != StepKind::kReduction || candidate.grid != grid ||
          !reads_aligned(candidate, result) || !others_exist(reader, result) ||
          (candidate.pass == Pass::kUpdate && step(group.chain.front()).pass != Pass::kUpdate)) {
        continue;
      }
      taken_[reader] = true;
      group.reductions.push_back(reader);
    }
  }

  /// The elementwise step that continues the chain, or -1.
  std::int32_t successor(ValueId result, const Step& last, const Step& head) const {
    if (is_output_[result]) return -1;
    const auto rides_along = [&](std::int32_t reader) {
      return step(reader).kind == StepKind::kReduction && taken_[reader];
    };
    const std::vector<std::int32_t>& readers = readers_[result];
    const auto first = std::find_if_not(readers.begin(), readers.end(), rides_along);
    if (first == readers.end() || taken_[*first]) return -1;
    const Step& next = step(*first);
    const bool continues = next.kind == StepKind::kElementwise && next.grid == last.grid &&
                           next.pass == last.pass && reads_aligned(next, result) &&
                           others_exist(*first, result) && streams_fit(head, next);
    return continues ? *first : -1;
  }

  /// A GEMM's results come tile by tile: what is read beside them must have their places.
  bool streams_fit(const Step& head, const Step& next) const {
    return head.kind != StepKind::kGemm ||
           std::all_of(next.reads.begin(), next.reads.end(),
                       [&](ValueId v) { return list_.values[v].view == next.grid; });
  }

  const StepList& list_;
  std::vector<std::vector<std::int32_t>> readers_;
  std::vector<bool> exists_;
  std::vector<bool> is_output_;
  std::vector<bool> taken_;
};

}  // namespace

std::vector<FusedGroup> fuse(const StepList& list) { return Fuser(list).fuse(); }

}  // namespace mxsim
