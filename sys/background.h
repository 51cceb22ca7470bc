// Work beside a main loop that must not wait: what blocks in fsync(2) runs on a few threads.
//
// Why threads: many syncs must run at once (the journal then groups them), one process name
// must stay one process (scripts use pidof), and a thread shares descriptors and directory with
// the loop. They share nothing else: a task owns its data, goes over by pointer, is worked on
// by one thread, and comes back by pointer.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "base/result.h"

namespace reqmail::sys {

class Task {
 public:
  Task() = default;
  Task(const Task&) = delete;
  Task& operator=(const Task&) = delete;
  virtual ~Task() = default;

  // Runs beside the loop; touches nothing that the loop touches.
  virtual void work() = 0;
};

class Background {
 public:
  Background() = default;
  Background(const Background&) = delete;
  Background& operator=(const Background&) = delete;
  virtual ~Background() = default;

  virtual void submit(std::unique_ptr<Task> task) = 0;

  // The tasks that are done, in the order in which they ended. Never waits.
  virtual std::vector<std::unique_ptr<Task>> take_done() = 0;

  // How many tasks can run at once.
  [[nodiscard]] virtual std::size_t width() const = 0;
};

// Threads that are started when there is work for them.
class ThreadPool final : public Background {
 public:
  // A Failure: the pipe for waking the loop could not be made.
  static Result<std::unique_ptr<ThreadPool>> make(std::size_t threads);
  // Waits for the tasks under way; those not begun are dropped.
  ~ThreadPool() override;
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  // Where no thread can be started at all, the task is done at once.
  void submit(std::unique_ptr<Task> task) override;
  std::vector<std::unique_ptr<Task>> take_done() override;

  [[nodiscard]] std::size_t width() const override;

  // Readable when there are tasks to take.
  [[nodiscard]] int fd() const;

 private:
  struct Shared;

  explicit ThreadPool(std::unique_ptr<Shared> shared);

  static void* serve(void* argument);
  void start_thread();

  std::unique_ptr<Shared> shared_;
};

}  // namespace reqmail::sys
