// The workers of qmail-rspawn (spawn/remote_worker.h), each with at most one delivery.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <optional>
#include <string>
#include <vector>

#include "base/program_end.h"
#include "spawn/remote_worker.h"
#include "spawn/worker_process.h"
#include "sys/fd.h"
#include "sys/file_version.h"
#include "sys/poller.h"
#include "sys/process.h"

namespace reqmail::spawn {

class RemotePool {
 public:
  // What a worker has from its start. If it is not so any more, it gets no further orders.
  struct Terms {
    sys::FileVersion program;
    // Which of the signers it can reach (ResidentSigner::generation()).
    unsigned signer = 0;
    friend bool operator==(const Terms& one, const Terms& other) = default;
  };

  // Returns whether a worker has taken the deliveries, one for each recipient of the order,
  // with a copy of the message's descriptor. A new one gets the descriptors that an executed
  // qmail-remote would get beside 0, 1 and 2; `forget` is called in its process before anything
  // else.
  bool give(const std::vector<unsigned>& slots, const RemoteOrder& order, int message,
            const Terms& terms, const std::vector<sys::DescriptorMove>& descriptors,
            const std::function<void()>& forget);

  // No worker takes further orders.
  void retire_all();

  void watch(sys::Poller& poller);
  void child_ended(pid_t child, base::ProgramEnd end);

  struct Outcome {
    unsigned slot = 0;
    // done: it is over. unserved, later, alone: it is to be made again, as spawn/worker.h says.
    WorkerResult::Kind kind = WorkerResult::Kind::done;
    base::ProgramEnd end;
    std::string output = {};
  };

  // Called after each wait: returns what has come.
  std::vector<Outcome> collect(const sys::Poller& poller);

 private:
  struct Worker {
    WorkerProcess process;
    Terms terms;
    // The host of its order.
    std::string host;
    // It keeps a connection to that host.
    bool keeps = false;
    // Its descriptors 1 and 2; not valid once all was read.
    sys::Fd output;
    std::string text;
    // What it has said of some recipients of its order: reported with what it says of the
    // others, so that qmail-send orders as many at once again.
    std::vector<Outcome> told;
    // It has closed the socket.
    bool left = false;
    std::optional<base::ProgramEnd> end;
    std::optional<std::size_t> output_watch;
  };

  // With connections to other hosts, so many workers wait before one of them is used.
  static constexpr std::size_t kKeeping = 64;

  Worker* idle_worker(const Terms& terms, const std::string& host);
  Worker* start(const Terms& terms, const std::vector<sys::DescriptorMove>& descriptors,
                const std::function<void()>& forget);
  static void read_output(Worker& worker);
  static void take_results(Worker& worker, std::vector<Outcome>& outcomes);
  static bool is_gone(Worker& worker, std::vector<Outcome>& outcomes);

  // The one that was used last comes first, so that those that are not needed end.
  std::list<Worker> workers_;
  std::uint32_t last_number_ = 0;
};

}  // namespace reqmail::spawn
