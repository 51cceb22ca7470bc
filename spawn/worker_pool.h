// The workers (spawn/worker.h) of users who get much mail at a time.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "local/request.h"
#include "spawn/worker_process.h"
#include "sys/file_version.h"
#include "sys/poller.h"
#include "sys/process.h"

namespace reqmail::spawn {

class WorkerPool {
 public:
  static constexpr std::size_t kWorkersMax = 16;
  // A user whose deliveries begin at this distance gets a worker.
  static constexpr std::chrono::milliseconds kClose{1000};
  // So long none is started for a user whose worker has declined.
  static constexpr std::chrono::milliseconds kPause{10000};

  struct Settings {
    // qmail's.
    std::string home;
    // What is shown as the worker's name.
    std::string program;
    std::string default_instructions;
    // When one of these changes, workers take no further orders.
    std::vector<std::string> accounts;
  };

  explicit WorkerPool(Settings settings) : settings_(std::move(settings)) {}

  // Whether a worker takes the delivery over, with a copy of the message's descriptor. `forget`
  // is called in the process of a new one before anything else.
  bool give(unsigned slot, const local::Request& request, const sys::Identity& identity,
            int message, const std::function<void()>& forget);

  // No worker takes further orders.
  void retire_all();

  void watch(sys::Poller& poller);
  void child_ended(pid_t child);

  using Outcome = WorkerProcess::Outcome;

  // After each wait: what has come.
  std::vector<Outcome> collect(const sys::Poller& poller);

 private:
  struct User {
    uid_t uid;
    gid_t gid;
    std::string home;
    friend auto operator<=>(const User& one, const User& other) = default;
  };

  struct Worker {
    User user;
    WorkerProcess process;
  };

  Worker* find(const User& user);
  Worker* start(const User& user, const std::function<void()>& forget);
  [[nodiscard]] bool is_busy(const User& user);
  void notice_changes();
  // Whether the worker is still there.
  bool take_results(Worker& worker, std::vector<Outcome>& outcomes);

  Settings settings_;
  std::list<Worker> workers_;
  std::uint32_t last_number_ = 0;
  // When each user's last delivery began, and until when none gets a worker.
  std::map<User, std::chrono::milliseconds> begun_;
  std::map<User, std::chrono::milliseconds> paused_;
  std::vector<std::optional<sys::FileVersion>> accounts_seen_;
};

}  // namespace reqmail::spawn
