// Runs work beside a main loop that must not wait: calls that block in fsync(2) run on a few
// threads.
//
// It uses threads because many syncs must run at once (the file system's journal then combines
// them), because scripts expect one process of each name (pidof), and because threads share the
// loop's descriptors and working directory. They share nothing else: a task owns its data, is
// passed to one thread by pointer, and is passed back by pointer.
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

  // Runs beside the main loop, so it must not use anything that the loop uses.
  virtual void work() = 0;
};

class Background {
 public:
  Background() = default;
  Background(const Background&) = delete;
  Background& operator=(const Background&) = delete;
  virtual ~Background() = default;

  virtual void submit(std::unique_ptr<Task> task) = 0;

  // Returns the tasks that are done, in the order in which they ended. Never waits.
  virtual std::vector<std::unique_ptr<Task>> take_done() = 0;

  // Returns how many tasks can run at once.
  [[nodiscard]] virtual std::size_t width() const = 0;
};

// Threads that are started when there is work for them.
class ThreadPool final : public Background {
 public:
  // Returns a Failure if the pipe that wakes the loop cannot be made.
  static Result<std::unique_ptr<ThreadPool>> make(std::size_t threads);
  // Waits for running tasks; tasks that have not begun are dropped.
  ~ThreadPool() override;
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  // If no thread can be started at all, runs the task before it returns.
  void submit(std::unique_ptr<Task> task) override;
  std::vector<std::unique_ptr<Task>> take_done() override;

  [[nodiscard]] std::size_t width() const override;

  // Returns the descriptor that is readable when there are tasks to take.
  [[nodiscard]] int fd() const;

 private:
  struct Shared;

  explicit ThreadPool(std::unique_ptr<Shared> shared);

  static void* serve(void* argument);
  void start_thread();

  std::unique_ptr<Shared> shared_;
};

}  // namespace reqmail::sys
