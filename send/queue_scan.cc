#include "send/queue_scan.h"

#include "queue/janitor.h"
#include "send/files.h"

namespace reqmail::send {

QueueScan::QueueScan(queue::Files& files, mail::QueueLayout layout)
    : files_(files),
      layout_(layout),
      messages_(files, layout, mail::QueueKind::info),
      leftovers_(files, layout, mail::QueueKind::mess) {}

void QueueScan::retry() {
  messages_.retry();
  leftovers_.retry();
}

std::optional<scheduler::Event> QueueScan::examine(mail::MessageId id, base::Time now) const {
  return examine_message(files_, layout_, id, now, foreign_directories(files_));
}

QueueScan::Step QueueScan::step(base::Time now) {
  Step step = step_messages(now);
  return step.any ? step : step_leftovers(now);
}

QueueScan::Step QueueScan::step_messages(base::Time now) {
  if (!messages_.active()) {
    return {};
  }
  const auto id = messages_.next();
  if (!id) {
    return {true, scheduler::ScanFailed{id.error().text}};
  }
  if (!*id) {
    foreign_.reset();
    return {};
  }
  if (!foreign_) {
    foreign_ = foreign_directories(files_);
  }
  return {true, examine_message(files_, layout_, **id, now, *foreign_)};
}

QueueScan::Step QueueScan::step_leftovers(base::Time now) {
  if (!leftovers_.active()) {
    return {};
  }
  const auto id = leftovers_.next();
  if (!id) {
    return {true, scheduler::ScanFailed{id.error().text}};
  }
  if (!*id) {
    return {};
  }
  if (!queue::is_leftover(files_, layout_, **id, now)) {
    return {true, std::nullopt};
  }
  return {true, scheduler::LeftoverFound{**id}};
}

}  // namespace reqmail::send
