#include "sim/config/mapping_config.h"

#include "sim/config/choices.h"

namespace mxsim {

void bind(Binder& b, PlanPolicy& s) {
  b.choice({"overlap_groups", "",
            "on: fetches and commands of a group run while its predecessor is still at work; off: "
            "groups run one after another"},
           s.overlap_groups, kGroupOverlapNames);
  b.integer({"keep_on_chip_bytes", "bytes",
             "part of the input buffer in which whole tensors stay between the groups that make "
             "and read them; 0: none"},
            s.keep_on_chip_bytes);
}

}  // namespace mxsim
