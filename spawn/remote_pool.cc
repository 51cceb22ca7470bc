#include "spawn/remote_pool.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include "base/exit_code.h"
#include "mail/verdict_codec.h"
#include "remote/main.h"
#include "spawn/report.h"
#include "sys/descriptor_io.h"
#include "sys/program.h"

namespace reqmail::spawn {

namespace {

constexpr std::size_t kReadSize = 4096;

}  // namespace

bool RemotePool::give(const std::vector<unsigned>& slots, const RemoteOrder& order, int message,
                      const Terms& terms, const std::vector<sys::DescriptorMove>& descriptors,
                      const std::function<void()>& forget) {
  const std::uint32_t number = last_number_ + 1;
  last_number_ += static_cast<std::uint32_t>(slots.size());
  const std::string packet = remote_order(number, order);
  // One that ends just now refuses the order.
  while (Worker* worker = idle_worker(terms, order.host)) {
    if (worker->process.give(number, slots, packet, message)) {
      worker->host = order.host;
      return true;
    }
    worker->process.retire();
  }
  Worker* worker = start(terms, descriptors, forget);
  if (worker == nullptr || !worker->process.give(number, slots, packet, message)) {
    return false;
  }
  worker->host = order.host;
  return true;
}

// One that has a connection to the host is best, and one that has none is better than one with
// a connection to another host.
RemotePool::Worker* RemotePool::idle_worker(const Terms& terms, const std::string& host) {
  auto without = workers_.end();
  auto oldest = workers_.end();
  std::size_t keeping = 0;
  for (auto one = workers_.begin(); one != workers_.end(); ++one) {
    if (one->process.is_retired()) {
      continue;
    }
    if (one->terms != terms) {
      one->process.retire();
    } else if (one->process.is_idle() && one->keeps) {
      if (one->host == host) {
        return &*one;
      }
      ++keeping;
      oldest = one;
    } else if (one->process.is_idle() && without == workers_.end()) {
      without = one;
    }
  }
  const auto chosen = without == workers_.end() && keeping >= kKeeping ? oldest : without;
  if (chosen == workers_.end()) {
    return nullptr;
  }
  workers_.splice(workers_.begin(), workers_, chosen);
  return &*chosen;
}

RemotePool::Worker* RemotePool::start(const Terms& terms,
                                      const std::vector<sys::DescriptorMove>& descriptors,
                                      const std::function<void()>& forget) {
  auto output = sys::make_pipe();
  if (!output) {
    return nullptr;
  }
  sys::ChildSpec spec;
  spec.program = "qmail-remote";
  spec.descriptors = descriptors;
  spec.descriptors.push_back({output->write.get(), STDOUT_FILENO});
  spec.descriptors.push_back({output->write.get(), STDERR_FILENO});
  spec.exec_failed = mail::rspawn_exit::kRunTemporary;
  spec.work = [&forget] {
    const sys::Program program(remote::remote_start());
    forget();
    serve_remote_deliveries();
    return base::kExitSuccess;
  };
  auto process = WorkerProcess::start(std::move(spec));
  if (!process) {
    return nullptr;
  }
  workers_.push_front(
      {*std::move(process), terms, {}, false, std::move(output->read), {}, {}, false, {}, {}});
  return &workers_.front();
}

void RemotePool::retire_all() {
  for (Worker& worker : workers_) {
    worker.process.retire();
  }
}

void RemotePool::watch(sys::Poller& poller) {
  for (Worker& worker : workers_) {
    if (!worker.left) {
      worker.process.watch(poller);
    }
    worker.output_watch.reset();
    if (worker.output.valid()) {
      worker.output_watch = poller.watch_read(worker.output.get());
    }
  }
}

void RemotePool::child_ended(pid_t child, base::ProgramEnd end) {
  for (Worker& worker : workers_) {
    if (worker.process.has_ended(child)) {
      worker.end = end;
    }
  }
}

std::vector<RemotePool::Outcome> RemotePool::collect(const sys::Poller& poller) {
  std::vector<Outcome> outcomes;
  workers_.remove_if([&](Worker& worker) {
    if (worker.output_watch && poller.ready(*worker.output_watch)) {
      read_output(worker);
    }
    if (!worker.left && worker.process.is_ready(poller)) {
      take_results(worker, outcomes);
    }
    return worker.left && is_gone(worker, outcomes);
  });
  return outcomes;
}

void RemotePool::read_output(Worker& worker) {
  std::array<char, kReadSize> buffer;
  const auto count = sys::read_some(worker.output.get(), buffer.data(), buffer.size());
  if (!count || *count == 0) {
    worker.output.close();
    return;
  }
  // One byte more than is kept shows that it was too much.
  const std::size_t room = kRemoteOutputMax + 1 - worker.text.size();
  worker.text.append(buffer.data(), std::min(*count, room));
}

void RemotePool::take_results(Worker& worker, std::vector<Outcome>& outcomes) {
  std::vector<WorkerProcess::Outcome> found;
  if (!worker.process.take_results(found)) {
    worker.left = true;
    worker.process.hang_up();
  }
  for (WorkerProcess::Outcome& one : found) {
    WorkerResult::Kind kind = one.result->kind;
    worker.keeps = kind == WorkerResult::Kind::kept;
    if (worker.keeps) {
      kind = WorkerResult::Kind::done;
    }
    worker.told.push_back({one.slot,
                           kind,
                           {false, one.result->code},
                           std::exchange(worker.text, {}) + one.result->output});
  }
  if (worker.left || worker.process.is_idle()) {
    std::move(worker.told.begin(), worker.told.end(), std::back_inserter(outcomes));
    worker.told.clear();
  }
}

// A delivery that it has is over when its output and its status have come.
bool RemotePool::is_gone(Worker& worker, std::vector<Outcome>& outcomes) {
  if (!worker.process.is_idle() && (worker.output.valid() || !worker.end)) {
    return false;
  }
  for (const unsigned slot : worker.process.abandon()) {
    outcomes.push_back({slot, WorkerResult::Kind::done, *worker.end, worker.text});
  }
  worker.process.let_go();
  return true;
}

}  // namespace reqmail::spawn
