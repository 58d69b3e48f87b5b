#include "models/workload/group_packing.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "models/core/error.h"
#include "models/dataflow/closed_form.h"

namespace mxsim {
namespace {

/// Groups lie side by side, and every batch element has the same right operand.
bool packable(const GemmWork& work) {
  const auto side_by_side = [](GroupAxis axis) { return axis == GroupAxis::kColumns; };
  return work.batch == 1 && work.taps() > 0 && side_by_side(work.a_groups) &&
         side_by_side(work.b_groups) && side_by_side(work.result_groups);
}

/// Array cycles of one of the layer's groups.
double group_cycles(const GemmWork& work, const ArraySpec& array, Pass pass) {
  ArrayCommand command;
  command.dataflow = array.dataflow[pass];
  command.m = work.gemm_m();
  command.n = work.n;
  command.k = work.gemm_k();
  return static_cast<double>(closed_form(array, command).cycles.count()) /
         static_cast<double>(work.packed);
}

}  // namespace

GemmWork pack_groups(GemmWork work, std::int64_t packed) {
  if (packed == 1) return work;
  ensure(packable(work) && work.packed == 1 && work.groups % packed == 0,
         "groups that cannot be packed");
  work.groups /= packed;
  work.packed = packed;
  work.channels *= packed;
  work.n *= packed;
  return work;
}

std::int64_t packed_groups(const GemmWork& work, const ArraySpec& array, Pass pass) {
  if (!packable(work)) return 1;
  constexpr double kTolerance = 1.02;
  std::vector<std::pair<std::int64_t, double>> candidates;
  double fewest = group_cycles(work, array, pass);
  candidates.emplace_back(1, fewest);
  for (std::int64_t p = 2; p <= work.groups && p * work.n <= array.cols; ++p) {
    if (work.groups % p != 0) continue;
    candidates.emplace_back(p, group_cycles(pack_groups(work, p), array, pass));
    fewest = std::min(fewest, candidates.back().second);
  }
  return std::find_if(candidates.begin(), candidates.end(),
                      [&](const auto& each) { return each.second <= fewest * kTolerance; })
      ->first;
}

}  // namespace mxsim
