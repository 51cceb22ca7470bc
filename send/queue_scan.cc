#include "send/queue_scan.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "queue/janitor.h"
#include "queue/listing.h"
#include "send/files.h"

namespace reqmail::send {

QueueScan::QueueScan(queue::Files& files, mail::QueueLayout layout)
    : files_(files),
      layout_(layout),
      messages_(files, layout, mail::QueueKind::info,
                [this](std::uint64_t index, std::vector<mail::MessageId>& numbers) {
                  list_recipients(index, numbers);
                }),
      leftovers_(files, layout, mail::QueueKind::mess,
                 [this](std::uint64_t index, std::vector<mail::MessageId>& numbers) {
                   leave_out_messages(index, numbers);
                 }) {}

void QueueScan::find_messages() {
  messages_.start();
  strays_.clear();
  unlisted_ = layout_.split();
  all_listed_ = false;
}

void QueueScan::list_recipients(std::uint64_t index,
                                const std::vector<mail::MessageId>& messages) {
  lists_ = RecipientLists::list(files_, index);
  if (lists_) {
    --unlisted_;
    for (const mail::MessageId stray : lists_->others(messages)) {
      strays_.insert(stray);
    }
  }
}

// A message with info/N is not a leftover, so it need not be examined.
void QueueScan::leave_out_messages(std::uint64_t index,
                                   std::vector<mail::MessageId>& leftovers) {
  const auto messages = queue::list_numbers(files_, mail::QueueKind::info, index);
  if (!messages || leftovers.empty()) {
    return;
  }
  std::vector<mail::MessageId> rest;
  std::set_difference(leftovers.begin(), leftovers.end(), messages->begin(), messages->end(),
                      std::back_inserter(rest));
  leftovers = std::move(rest);
}

void QueueScan::retry() {
  messages_.retry();
  leftovers_.retry();
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
    lists_.reset();
    all_listed_ = unlisted_ == 0;
    return {};
  }
  if (!foreign_) {
    foreign_ = foreign_directories(files_);
  }
  return {true,
          examine_message(files_, layout_, **id, now, *foreign_, lists_ ? &*lists_ : nullptr)};
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
