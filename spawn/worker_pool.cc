#include "spawn/worker_pool.h"

#include <signal.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "base/exit_code.h"
#include "local/deliver.h"
#include "sys/clock.h"
#include "sys/file.h"
#include "sys/packets.h"
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
  if (!sys::send_packet(worker->socket.get(), worker_order(number, request), message)) {
    // It ends, or is behind with its work.
    return false;
  }
  worker->orders[number] = slot;
  return true;
}

void WorkerPool::retire_all() {
  for (Worker& worker : workers_) {
    retire(worker);
  }
}

void WorkerPool::retire(Worker& worker) {
  worker.retired = true;
  sys::end_writing(worker.socket.get());
}

WorkerPool::Worker* WorkerPool::find(const User& user) {
  const auto found = std::find_if(workers_.begin(), workers_.end(), [&user](const Worker& one) {
    return !one.retired && one.user == user;
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
  auto pair = sys::make_packet_pair();
  const auto null_device = sys::open_read_write("/dev/null");
  if (!pair || !null_device) {
    return nullptr;
  }
  sys::ChildSpec spec;
  spec.program = settings_.program;
  spec.directory = settings_.home;
  spec.identity = sys::Identity{user.uid, user.gid};
  spec.descriptors = {{pair->other.get(), 0}, {null_device->get(), 1}, {null_device->get(), 2}};
  spec.work = [this, &forget] {
    const sys::Program program(local::delivery_start());
    forget();
    serve_deliveries(0, settings_.default_instructions);
    return base::kExitSuccess;
  };
  auto child = sys::spawn(spec);
  if (!child) {
    return nullptr;
  }
  workers_.push_back({user, std::move(pair->one), *std::move(child), {}, false, {}});
  return &workers_.back();
}

void WorkerPool::watch(sys::Poller& poller) {
  for (Worker& worker : workers_) {
    worker.watch = poller.watch_read(worker.socket.get());
  }
}

void WorkerPool::child_ended(pid_t child) {
  for (Worker& worker : workers_) {
    if (worker.child.valid() && worker.child.pid() == child) {
      (void)worker.child.release();
    }
  }
}

std::vector<WorkerPool::Outcome> WorkerPool::collect(const sys::Poller& poller) {
  std::vector<Outcome> outcomes;
  workers_.remove_if([&](Worker& worker) {
    return worker.watch && poller.ready(*worker.watch) && !take_results(worker, outcomes);
  });
  return outcomes;
}

bool WorkerPool::take_results(Worker& worker, std::vector<Outcome>& outcomes) {
  for (;;) {
    const auto packet = sys::receive_packet(worker.socket.get(), kWorkerPacketMax);
    if (!packet && packet.error().error == EAGAIN) {
      return true;
    }
    auto result = packet && *packet ? parse_worker_result((*packet)->bytes)
                                    : std::optional<WorkerResult>();
    const auto order = result ? worker.orders.find(result->number) : worker.orders.end();
    if (order == worker.orders.end()) {
      // It has ended. What it leaves was begun, or it would have said so.
      for (const auto& [number, slot] : worker.orders) {
        outcomes.push_back({slot, std::nullopt});
      }
      worker.child.send_signal(SIGKILL);
      (void)worker.child.release();
      return false;
    }
    if (result->kind == WorkerResult::Kind::declined) {
      paused_[worker.user] = sys::monotonic() + kPause;
      retire(worker);
    }
    outcomes.push_back({order->second, std::move(result)});
    worker.orders.erase(order);
  }
}

}  // namespace reqmail::spawn
