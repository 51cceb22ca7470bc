#include "send/bounce_programs.h"

#include <signal.h>

#include <algorithm>
#include <utility>

#include "send/bounce_program.h"
#include "send/resident_bounce.h"
#include "sys/clock.h"

namespace reqmail::send {

BouncePrograms::BouncePrograms()
    : BouncePrograms(
          Limits(), [] { return submit::ResidentQueue::begin(std::nullopt); },
          [] { return submit::start_queue_program(); }) {}

// Returns null if no program could be started.
std::unique_ptr<BounceTaker> BouncePrograms::start_program(BounceOrder order) const {
  auto program = start_();
  return program ? std::make_unique<BounceProgram>(std::move(*program), std::move(order))
                 : nullptr;
}

bool BouncePrograms::begin(BounceOrder order) {
  const Clock now = sys::monotonic();
  auto queue = ask_();
  std::unique_ptr<BounceTaker> taker;
  if (queue) {
    taker = std::make_unique<ResidentBounce>(std::move(*queue), std::move(order),
                                             now + submit::ResidentQueue::kGreetingLimit);
  } else {
    taker = start_program(std::move(order));
  }
  if (!taker) {
    return false;
  }
  running_.push_back({std::move(taker), now + (ending_ ? limits_.at_end : limits_.usual)});
  return true;
}

std::vector<BounceResult> BouncePrograms::take_done() {
  return std::exchange(done_, {});
}

void BouncePrograms::hurry() {
  ending_ = true;
  const Clock limit = sys::monotonic() + limits_.at_end;
  for (Running& running : running_) {
    running.limit = std::min(running.limit, limit);
  }
}

void BouncePrograms::watch(sys::Poller& poller) {
  for (const Running& running : running_) {
    running.taker->watch(poller);
  }
}

bool BouncePrograms::serve(const sys::Poller& poller) {
  bool any = false;
  for (const Running& running : running_) {
    any = running.taker->serve(poller) || any;
  }
  return any;
}

void BouncePrograms::reap() {
  std::erase_if(running_, [this](const Running& running) {
    const auto result = running.taker->look();
    if (result) {
      done_.push_back(*result);
    }
    return result.has_value();
  });
}

// Returns whether the bounce still has a taker.
bool BouncePrograms::replace_refused(Running& running, Clock now) {
  auto order = running.taker->refused(now);
  if (!order) {
    return true;
  }
  const BounceResult failure{order->id, false, 0, order->paragraphs == nullptr};
  running.taker = start_program(std::move(*order));
  if (!running.taker) {
    done_.push_back(failure);
  }
  return running.taker != nullptr;
}

void BouncePrograms::enforce_limits(Clock now) {
  std::erase_if(running_,
                [this, now](Running& running) { return !replace_refused(running, now); });
  bool any_stopped = false;
  for (Running& running : running_) {
    if (running.limit <= now) {
      running.taker->stop(std::exchange(running.stopped, true) ? SIGKILL : SIGTERM);
      running.limit = now + limits_.to_end;
      any_stopped = true;
    }
  }
  // What is no process has ended at once.
  if (any_stopped) {
    reap();
  }
}

std::optional<BouncePrograms::Clock> BouncePrograms::wait_limit(Clock now) const {
  std::optional<Clock> limit;
  for (const Running& running : running_) {
    const Clock until =
        std::min(running.limit, running.taker->patience().value_or(Clock::max()));
    const Clock left = std::max(until - now, Clock(0));
    limit = limit ? std::min(*limit, left) : left;
  }
  return limit;
}

}  // namespace reqmail::send
