#include "sim/config/mapping_config.h"

#include "sim/config/choices.h"

namespace mxsim {

void bind(Binder& b, PlanPolicy& s) {
  b.choice({"overlap_groups", "",
            "on: fetches and commands of a group run while its predecessor is still at work; off: "
            "groups run one after another"},
           s.overlap_groups, kGroupOverlapNames);
}

}  // namespace mxsim
