#include "sim/workers/dispatcher.h"

#include <deque>
#include <map>
#include <optional>

namespace mxsim {
namespace {

class Dispatcher {
 public:
  Dispatcher(WorkerProcesses& workers, std::size_t requests, const DispatchRules& rules)
      : workers_(workers), requests_(requests), rules_(rules), at_work_(workers.size()) {}

  void run(const std::function<std::string(std::size_t)>& request,
           const std::function<void(const DispatchResult&)>& finished) {
    while (finished_ < requests_) {
      for (std::size_t i = 0; i < at_work_.size(); ++i) {
        if (!at_work_[i] && has_next()) workers_.send(i, request(*(at_work_[i] = next())));
      }
      for (WorkerEvent& event : workers_.wait()) take(event, finished);
      if (rules_.pause) rules_.pause();
    }
  }

 private:
  bool has_next() const { return !again_.empty() || next_ < requests_; }

  std::size_t next() {
    if (again_.empty()) return next_++;
    const std::size_t index = again_.front();
    again_.pop_front();
    return index;
  }

  void take(WorkerEvent& event, const std::function<void(const DispatchResult&)>& finished) {
    if (!at_work_[event.worker]) return;  // ended while it was free
    const std::size_t index = *at_work_[event.worker];
    at_work_[event.worker].reset();
    if (!event.answer && ends_[index]++ < rules_.retries) {
      again_.push_back(index);
      return;
    }
    ++finished_;
    finished({index, std::move(event.answer), std::move(event.end)});
  }

  WorkerProcesses& workers_;
  std::size_t requests_;
  const DispatchRules& rules_;
  std::vector<std::optional<std::size_t>> at_work_;  ///< request of each worker
  std::deque<std::size_t> again_;
  std::map<std::size_t, int> ends_;  ///< workers that ended over a request
  std::size_t next_ = 0;
  std::size_t finished_ = 0;
};

}  // namespace

void dispatch(WorkerProcesses& workers, std::size_t requests,
              const std::function<std::string(std::size_t index)>& request,
              const DispatchRules& rules,
              const std::function<void(const DispatchResult&)>& finished) {
  Dispatcher(workers, requests, rules).run(request, finished);
}

}  // namespace mxsim
