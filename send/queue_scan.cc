#include "send/queue_scan.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "queue/janitor.h"
#include "queue/listing.h"
#include "send/files.h"

namespace reqmail::send {

namespace {

// A message with info/N is not a leftover, so it need not be examined.
void erase_messages(std::vector<mail::MessageId>& numbers,
                    const std::vector<mail::MessageId>& messages) {
  std::vector<mail::MessageId> rest;
  std::set_difference(numbers.begin(), numbers.end(), messages.begin(), messages.end(),
                      std::back_inserter(rest));
  numbers = std::move(rest);
}

}  // namespace

QueueScan::QueueScan(queue::Files& files, mail::QueueLayout layout)
    : files_(files),
      layout_(layout),
      messages_(files, layout, mail::QueueKind::info,
                [this](std::uint64_t index, std::vector<mail::MessageId>& numbers) {
                  list_recipients(index, numbers);
                  list_leftovers(index, numbers);
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

std::unique_ptr<QueueScan> QueueScan::divide() {
  std::vector<std::uint64_t> others;
  std::vector<std::uint64_t> leftovers;
  const std::vector<std::uint64_t> rest = messages_.to_list();
  for (std::size_t i = 1; i < rest.size(); i += 2) {
    others.push_back(rest[i]);
    if (leftovers_.will_list(rest[i])) {
      leftovers.push_back(rest[i]);
    }
  }
  if (others.empty()) {
    return nullptr;
  }
  auto other = std::make_unique<QueueScan>(files_, layout_);
  other->messages_.start(others);
  other->unlisted_ = others.size();
  messages_.leave(others);
  unlisted_ -= others.size();
  if (!leftovers.empty()) {
    other->leftovers_.start(leftovers);
    leftovers_.leave(leftovers);
  }
  return other;
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

// If leftovers are looked for too, the list of info/S serves for both.
void QueueScan::list_leftovers(std::uint64_t index,
                               const std::vector<mail::MessageId>& messages) {
  if (!leftovers_.will_list(index)) {
    return;
  }
  if (auto leftovers = queue::list_numbers(files_, mail::QueueKind::mess, index)) {
    erase_messages(*leftovers, messages);
    leftovers_.take_over(index, *leftovers);
  }
  // Otherwise it fails again when its turn comes, and that is said.
}

void QueueScan::leave_out_messages(std::uint64_t index,
                                   std::vector<mail::MessageId>& leftovers) {
  if (leftovers.empty()) {
    return;
  }
  if (const auto messages = queue::list_numbers(files_, mail::QueueKind::info, index)) {
    erase_messages(leftovers, *messages);
  }
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
