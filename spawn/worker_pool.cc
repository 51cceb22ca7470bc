#include "spawn/worker_pool.h"

#include <algorithm>
#include <utility>

#include "base/exit_code.h"
#include "local/deliver.h"
#include "sys/clock.h"
#include "sys/file.h"
#include "sys/program.h"

namespace reqmail::spawn {

namespace {

// More users than this are forgotten: they are not busy.
constexpr std::size_t kRemembered = 1000;

}  // namespace

bool WorkerPool::give(unsigned slot, const local::Request& request,
                      const sys::Identity& identity, int message,
                      const std::function<void()>& forget) {
  const User user{identity.uid, identity.gid, request.home};
  notice_changes();
  Worker* worker = find(user);
  if (worker == nullptr && is_busy(user)) {
    worker = start(user, forget);
  }
  if (worker == nullptr) {
    return false;
  }
  const std::uint32_t number = ++last_number_;
  return worker->process.give(number, {slot}, worker_order(number, request), message);
}

void WorkerPool::retire_all() {
  for (Worker& worker : workers_) {
    worker.process.retire();
  }
}

WorkerPool::Worker* WorkerPool::find(const User& user) {
  const auto found = std::find_if(workers_.begin(), workers_.end(), [&user](const Worker& one) {
    return !one.process.is_retired() && one.user == user;
  });
  return found == workers_.end() ? nullptr : &*found;
}

// Whether the user's last delivery began just now, too.
bool WorkerPool::is_busy(const User& user) {
  const std::chrono::milliseconds now = sys::monotonic();
  if (const auto pause = paused_.find(user); pause != paused_.end()) {
    if (now < pause->second) {
      return false;
    }
    paused_.erase(pause);
  }
  if (begun_.size() > kRemembered) {
    begun_.clear();
  }
  const auto [last, is_new] = begun_.try_emplace(user, now);
  const bool busy = !is_new && now - last->second < kClose;
  last->second = now;
  return busy;
}

void WorkerPool::notice_changes() {
  std::vector<std::optional<sys::FileVersion>> now;
  now.reserve(settings_.accounts.size());
  for (const std::string& path : settings_.accounts) {
    now.push_back(sys::file_version(path));
  }
  if (now != accounts_seen_) {
    retire_all();
    accounts_seen_ = std::move(now);
  }
}

WorkerPool::Worker* WorkerPool::start(const User& user, const std::function<void()>& forget) {
  if (workers_.size() >= kWorkersMax) {
    return nullptr;
  }
  const auto null_device = sys::open_read_write("/dev/null");
  if (!null_device) {
    return nullptr;
  }
  sys::ChildSpec spec;
  spec.program = settings_.program;
  spec.directory = settings_.home;
  spec.identity = sys::Identity{user.uid, user.gid};
  spec.descriptors = {{null_device->get(), 1}, {null_device->get(), 2}};
  spec.work = [this, &forget] {
    const sys::Program program(local::delivery_start());
    forget();
    serve_deliveries(0, settings_.default_instructions);
    return base::kExitSuccess;
  };
  auto process = WorkerProcess::start(std::move(spec));
  if (!process) {
    return nullptr;
  }
  workers_.push_back({user, *std::move(process)});
  return &workers_.back();
}

void WorkerPool::watch(sys::Poller& poller) {
  for (Worker& worker : workers_) {
    worker.process.watch(poller);
  }
}

void WorkerPool::child_ended(pid_t child) {
  for (Worker& worker : workers_) {
    (void)worker.process.has_ended(child);
  }
}

std::vector<WorkerPool::Outcome> WorkerPool::collect(const sys::Poller& poller) {
  std::vector<Outcome> outcomes;
  workers_.remove_if([&](Worker& worker) {
    return worker.process.is_ready(poller) && !take_results(worker, outcomes);
  });
  return outcomes;
}

bool WorkerPool::take_results(Worker& worker, std::vector<Outcome>& outcomes) {
  const std::size_t before = outcomes.size();
  const bool goes_on = worker.process.take_results(outcomes);
  for (std::size_t i = before; i < outcomes.size(); ++i) {
    if (outcomes[i].result->kind == WorkerResult::Kind::declined) {
      paused_[worker.user] = sys::monotonic() + kPause;
      worker.process.retire();
    }
  }
  if (!goes_on) {
    // It has ended. What it leaves was begun, or it would have said so.
    for (const unsigned slot : worker.process.abandon()) {
      outcomes.push_back({slot, std::nullopt});
    }
    worker.process.kill();
  }
  return goes_on;
}

}  // namespace reqmail::spawn
