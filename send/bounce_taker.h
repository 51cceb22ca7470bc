// What takes a bounce into the queue while the main loop goes on.
#pragma once

#include <chrono>
#include <optional>

#include "send/bounce.h"
#include "sys/poller.h"

namespace reqmail::send {

class BounceTaker {
 public:
  // A time of sys::monotonic().
  using Clock = std::chrono::milliseconds;

  BounceTaker() = default;
  BounceTaker(const BounceTaker&) = delete;
  BounceTaker& operator=(const BounceTaker&) = delete;
  virtual ~BounceTaker() = default;

  // Adds the descriptors that the next serve() needs to the poller.
  virtual void watch(sys::Poller& poller) = 0;

  // Goes on with what is ready, without waiting and not too much at once. Returns whether
  // anything was. Only what the last watch() has added counts.
  virtual bool serve(const sys::Poller& poller) = 0;

  // Gives up before the envelope is complete, so that nothing is queued; a process gets the
  // signal.
  virtual void stop(int signal) = 0;

  // Returns the result, if there is one.
  virtual std::optional<BounceResult> look() = 0;

  // Returns the time from which on refused() may have something without any event.
  [[nodiscard]] virtual std::optional<Clock> patience() const { return std::nullopt; }

  // Returns the order if this does not take the bounce after all, and another must.
  virtual std::optional<BounceOrder> refused(Clock /*now*/) { return std::nullopt; }
};

}  // namespace reqmail::send
