#include "models/workload/layer_macs.h"

#include <algorithm>

namespace mxsim {
namespace {

/// Whether the group's GEMMs are the phases of a convolution read backwards.
bool is_mirrored(const OpGroup& group) {
  if (group.gemms.empty()) return false;
  const GemmWork& work = group.gemms.front();
  return work.kind == GemmKind::kWindow && work.b_orientation == Orientation::kTransposed &&
         (group.gemms.size() == 1 || work.h.out_step * work.w.out_step > 1);
}

/// A kernel for each position that is read.
std::int64_t kernels_read(const GemmWork& work) {
  return work.images * work.h.in * work.w.in * work.h.kernel * work.w.kernel * work.channels *
         work.n * work.products() / work.packed;
}

}  // namespace

std::int64_t layer_macs(const OpGroup& group) {
  std::int64_t multiplied = 0;
  for (const GemmWork& work : group.gemms) multiplied += work.macs();
  if (!is_mirrored(group)) return multiplied;
  const std::int64_t counted = kernels_read(group.gemms.front());
  return group.pass == Pass::kBackwardData ? std::min(counted, multiplied) : counted;
}

}  // namespace mxsim
