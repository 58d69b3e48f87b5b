#include "models/workload/group_packing.h"

#include <algorithm>
#include <cmath>
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

GemmWork unpack_groups(GemmWork work) {
  work.groups *= work.packed;
  work.channels /= work.packed;
  work.n /= work.packed;
  work.packed = 1;
  return work;
}

std::vector<std::int64_t> possible_packings(const GemmWork& work, const ArraySpec& array) {
  std::vector<std::int64_t> packings{1};
  if (!packable(work)) return packings;
  const std::int64_t groups = work.groups * work.packed;
  for (std::int64_t p = 2; p <= groups && p * work.block_n() <= array.cols; ++p) {
    if (groups % p == 0) packings.push_back(p);
  }
  return packings;
}

std::int64_t packed_groups(const GemmWork& work, const ArraySpec& array, Pass pass) {
  constexpr double kTolerance = 1.02;
  std::vector<std::pair<std::int64_t, double>> candidates;
  double fewest = HUGE_VAL;
  for (const std::int64_t p : possible_packings(work, array)) {
    candidates.emplace_back(p, group_cycles(pack_groups(work, p), array, pass));
    fewest = std::min(fewest, candidates.back().second);
  }
  return std::find_if(candidates.begin(), candidates.end(),
                      [&](const auto& each) { return each.second <= fewest * kTolerance; })
      ->first;
}

}  // namespace mxsim
