// The part of qmail-send's executor that looks through the queue: messages at the start, what
// was left over later.

#include <chrono>

#include "queue/janitor.h"
#include "send/executor.h"

namespace reqmail::send {

void SendExecutor::perform(const scheduler::ExamineMessage& action) {
  if (const auto event =
          examine_message(files_, layout_, action.id, now_, foreign_directories(files_))) {
    handle(*event);
  }
}

void SendExecutor::perform(const scheduler::SweepLeftovers& /*action*/) {
  leftovers_.start();
}

bool SendExecutor::scan(std::size_t most) {
  for (; most > 0; --most) {
    if (!scan_messages() && !sweep_leftovers()) {
      return false;
    }
  }
  return true;
}

void SendExecutor::unable_to_list(const std::string& directory) {
  output_.log.append(scheduler::log_line::unable_to_list(directory));
  relist_ = steady_ + std::chrono::duration_cast<Clock>(scheduler::kAlertSleep);
}

bool SendExecutor::scan_messages() {
  if (!messages_.active()) {
    return false;
  }
  const auto id = messages_.next();
  if (!id) {
    unable_to_list(id.error().text);
    return true;
  }
  if (!*id) {
    foreign_.reset();
    return false;
  }
  // Listed once for all messages, of which there may be hundreds of thousands.
  if (!foreign_) {
    foreign_ = foreign_directories(files_);
  }
  if (const auto event = examine_message(files_, layout_, **id, now_, *foreign_)) {
    handle(*event);
  }
  return true;
}

bool SendExecutor::sweep_leftovers() {
  if (!leftovers_.active()) {
    return false;
  }
  const auto id = leftovers_.next();
  if (!id) {
    unable_to_list(id.error().text);
    return true;
  }
  if (!*id) {
    return false;
  }
  if (queue::is_leftover(files_, layout_, **id, now_)) {
    handle(scheduler::LeftoverFound{**id});
  }
  return true;
}

}  // namespace reqmail::send
