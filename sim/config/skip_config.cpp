#include "sim/config/skip_config.h"

#include <fmt/format.h>

#include "sim/config/choices.h"

namespace mxsim {

void bind_skips(Binder& b, Graph& workload) {
  const SkipPolicy stated = stated_skips(workload);
  SkipPolicy skips = stated;
  b.choice({"skip", "",
            "residual additions: keep, shorten (one for each layer of a block in place of one for "
            "the block) or remove; left out: as the trace says of each"},
           skips, kSkipPolicyNames);
  if (b.describing() || skips == stated) return;
  state_skips(workload, skips);
  if (stated_skips(workload) == skips) return;
  b.fault("skip", fmt::format("got \"{}\", but \"{}\" has no residual addition",
                              choice_name(skips, kSkipPolicyNames), workload.name));
}

}  // namespace mxsim
