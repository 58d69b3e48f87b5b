#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "sim/workers/worker_processes.h"

namespace mxsim {

/// How requests are handed out.
struct DispatchRules {
  int retries = 3;                        ///< of a request whose worker ended
  std::function<void()> pause = nullptr;  ///< called at least every fraction of a second; may throw
};

/// What came of request `index`: an answer, or how its workers ended when there are no retries
/// left.
struct DispatchResult {
  std::size_t index = 0;
  std::optional<std::string> answer;
  std::string end;
};

/// Gives every request to a worker that is free, again to another when that one ends, and calls
/// `finished` as results come in, in whatever order. `finished` may throw to stop; answers to
/// requests that are out then are lost with `workers`.
void dispatch(WorkerProcesses& workers, std::size_t requests,
              const std::function<std::string(std::size_t index)>& request,
              const DispatchRules& rules,
              const std::function<void(const DispatchResult&)>& finished);

}  // namespace mxsim
