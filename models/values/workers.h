#pragma once

#include <condition_variable>
#include <cstdint>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace mxsim {

/// Threads that share out numbered tasks. Tasks write disjoint results, so that neither the number
/// of threads nor who takes which task can change a bit.
class Workers {
 public:
  /// `threads` >= 1, the caller among them.
  explicit Workers(int threads);
  ~Workers();
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  /// Calls task(0) .. task(count - 1) and returns when all have ended. Throws what a task threw.
  void run(std::int64_t count, const std::function<void(std::int64_t)>& task);
  int threads() const { return static_cast<int>(helpers_.size()) + 1; }

 private:
  void help();
  void work(std::unique_lock<std::mutex>& lock);

  std::mutex mutex_;
  std::condition_variable begun_;
  std::condition_variable ended_;
  const std::function<void(std::int64_t)>* task_ = nullptr;
  std::int64_t next_ = 0;
  std::int64_t count_ = 0;
  std::int64_t at_work_ = 0;
  bool stops_ = false;
  std::exception_ptr thrown_;
  std::vector<std::thread> helpers_;
};

/// Calls visit(index, workers) for each of `count` pieces of work: one after another with all
/// workers, or, where there are many, one to a worker, each alone.
template <class Visit>
void share_products(std::int64_t count, Workers& workers, Visit visit) {
  if (count < 2 * workers.threads()) {
    for (std::int64_t index = 0; index < count; ++index) visit(index, workers);
    return;
  }
  workers.run(count, [&](std::int64_t index) {
    Workers alone(1);
    visit(index, alone);
  });
}

}  // namespace mxsim
