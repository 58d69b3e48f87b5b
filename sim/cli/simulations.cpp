#include "sim/cli/simulations.h"

#include "sim/workers/forked_workers.h"

namespace mxsim {

Simulations::Simulations(std::size_t jobs, std::ostream& err)
    : err_(err),
      jobs_(jobs > 0 ? jobs : available_cores()),
      cache_([this](const std::string& what, std::size_t done, std::size_t total) {
        show(what, "groups", done, total);
      }) {}

void Simulations::show(const std::string& what, const std::string& parts, std::size_t done,
                       std::size_t total) {
  if (what != what_) shown_.reset();
  if (!shown_) shown_.emplace(err_, what_ = what, parts);
  shown_->update(done, total);
}

ParallelJobs Simulations::side_by_side(const std::string& parts) {
  shown_.reset();
  return {jobs_, [this, parts](std::size_t done, std::size_t total) {
            show("compare", parts, done, total);
          }};
}

}  // namespace mxsim
