// A process that stays and takes orders, as its parent sees it: spawn/worker.h and
// spawn/remote_worker.h have what it does.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "spawn/worker.h"
#include "sys/child.h"
#include "sys/fd.h"
#include "sys/poller.h"
#include "sys/process.h"

namespace reqmail::spawn {

class WorkerProcess {
 public:
  // Starts the child, whose descriptor 0 becomes the socket. nullopt if that fails.
  static std::optional<WorkerProcess> start(sys::ChildSpec spec);

  // Returns whether the order was sent, with a copy of the message's descriptor. If not, the
  // process ends, or is behind with its work. `number` is the one that the order has; it is for
  // the first of the slots, and the next ones are for the others.
  bool give(std::uint32_t number, const std::vector<unsigned>& slots, const std::string& order,
            int message);

  // The process gets no further orders, and ends when it has carried out those that it has.
  void retire();

  [[nodiscard]] bool is_retired() const { return retired_; }

  // Returns whether all its orders have results.
  [[nodiscard]] bool is_idle() const { return orders_.empty(); }

  void watch(sys::Poller& poller) { watch_ = poller.watch_read(socket_.get()); }

  [[nodiscard]] bool is_ready(const sys::Poller& poller) const {
    return watch_ && poller.ready(*watch_);
  }

  struct Outcome {
    unsigned slot = 0;
    // nullopt: the process died over it.
    std::optional<WorkerResult> result;
  };

  // Adds the results that have come. Returns false if no more can come.
  bool take_results(std::vector<Outcome>& outcomes);

  // Closes the socket, through which nothing comes any more.
  void hang_up();

  // Returns the slots of the orders without a result, which get none.
  std::vector<unsigned> abandon();

  // Kills the process.
  void kill();

  // Lets the process end by itself.
  void let_go() { (void)child_.release(); }

  // Returns whether this child, which was reaped, is the process.
  bool has_ended(pid_t child);

 private:
  WorkerProcess(sys::Fd socket, sys::Child child)
      : socket_(std::move(socket)), child_(std::move(child)) {}

  sys::Fd socket_;
  sys::Child child_;
  // The slots of its orders by their numbers.
  std::map<std::uint32_t, unsigned> orders_;
  bool retired_ = false;
  std::optional<std::size_t> watch_;
};

}  // namespace reqmail::spawn
