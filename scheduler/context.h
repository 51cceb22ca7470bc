// What the parts of the scheduler share while an event is handled.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_set>
#include <utility>

#include "mail/queue_names.h"
#include "scheduler/actions.h"
#include "scheduler/log_hold.h"
#include "scheduler/message_table.h"
#include "scheduler/retry_schedule.h"
#include "scheduler/timers.h"

namespace reqmail::scheduler {

struct Context {
  explicit Context(std::uint64_t split) : queue(split) {}

  void act(Action action) { actions.push_back(std::move(action)); }

  // A whole line with its line feed.
  void log(std::string line) { act(Log{std::move(line)}); }

  // qmail-send is to end. The parts hear of it when the event has been handled.
  void end() { ending = true; }

  [[nodiscard]] std::string info(MessageId id) const {
    return queue.path(mail::QueueKind::info, id);
  }

  [[nodiscard]] std::string recipients(Channel channel, MessageId id) const {
    return queue.path(kind_of(channel), id);
  }

  mail::QueueLayout queue;
  MessageTable messages;
  LogHold log_hold;
  RetrySchedule retry;
  // Age at which a sender is told of the delay, if that is wanted.
  Seconds delay_warning{0};
  // Messages of which a report is being queued, once for each.
  std::unordered_multiset<std::uint64_t> reporting;
  // Of the event at hand.
  Moment now;
  Actions actions;
  bool ending = false;
};

}  // namespace reqmail::scheduler
