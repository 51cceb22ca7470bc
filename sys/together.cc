#include "sys/together.h"

#include <chrono>
#include <utility>

#include "sys/background.h"
#include "sys/descriptor_io.h"

namespace reqmail::sys {

namespace {

// Only to have some limit: a call ends when it ends.
constexpr std::chrono::hours kWait(1);

class CallTask final : public Task {
 public:
  CallTask(const Together::Call& call, std::size_t index) : index_(index), call_(call) {}

  void work() override { result_ = call_(); }

  std::size_t index_;
  Result<void> result_;

 private:
  const Together::Call& call_;
};

}  // namespace

Together::Together(std::size_t threads) : threads_(threads) {}

Together::~Together() = default;

std::vector<Result<void>> Together::run(const std::vector<Call>& calls) {
  std::vector<Result<void>> results(calls.size());
  if (calls.size() > 1 && pool_ == nullptr) {
    pool_ = ThreadPool::make(threads_).value_or(nullptr);
  }
  if (calls.size() <= 1 || pool_ == nullptr) {
    for (std::size_t i = 0; i < calls.size(); ++i) {
      results[i] = calls[i]();
    }
    return results;
  }
  for (std::size_t i = 0; i < calls.size(); ++i) {
    pool_->submit(std::make_unique<CallTask>(calls[i], i));
  }
  std::size_t left = calls.size();
  while (left > 0) {
    (void)wait_readable(pool_->fd(), kWait);
    for (const auto& task : pool_->take_done()) {
      auto& done = static_cast<CallTask&>(*task);
      results[done.index_] = std::move(done.result_);
      --left;
    }
  }
  return results;
}

}  // namespace reqmail::sys
