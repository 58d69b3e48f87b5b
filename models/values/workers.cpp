#include "models/values/workers.h"

#include <utility>

namespace mxsim {

Workers::Workers(int threads) {
  for (int i = 1; i < threads; ++i) helpers_.emplace_back([this] { help(); });
}

Workers::~Workers() {
  {
    const std::lock_guard lock(mutex_);
    stops_ = true;
  }
  begun_.notify_all();
  for (std::thread& helper : helpers_) helper.join();
}

void Workers::run(std::int64_t count, const std::function<void(std::int64_t)>& task) {
  if (helpers_.empty() || count <= 1) {
    for (std::int64_t i = 0; i < count; ++i) task(i);
    return;
  }
  std::unique_lock lock(mutex_);
  task_ = &task;
  next_ = 0;
  count_ = count;
  thrown_ = nullptr;
  begun_.notify_all();
  work(lock);
  ended_.wait(lock, [this] { return at_work_ == 0; });
  task_ = nullptr;
  if (thrown_) std::rethrow_exception(std::exchange(thrown_, nullptr));
}

void Workers::help() {
  std::unique_lock lock(mutex_);
  while (true) {
    begun_.wait(lock, [this] { return stops_ || (task_ != nullptr && next_ < count_); });
    if (stops_) return;
    work(lock);
    if (at_work_ == 0) ended_.notify_all();
  }
}

void Workers::work(std::unique_lock<std::mutex>& lock) {
  ++at_work_;
  while (next_ < count_) {
    const std::int64_t mine = next_++;
    lock.unlock();
    try {
      (*task_)(mine);
      lock.lock();
    } catch (...) {
      lock.lock();
      thrown_ = std::current_exception();
      next_ = count_;
    }
  }
  --at_work_;
}

}  // namespace mxsim
