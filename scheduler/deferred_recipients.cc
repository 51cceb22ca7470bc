#include "scheduler/deferred_recipients.h"

#include <algorithm>
#include <utility>

namespace reqmail::scheduler {

base::Time earliest(const NextTries& tries, base::Time time) {
  for (const auto& [offset, next] : tries) {
    time = std::min(time, next);
  }
  return time;
}

void DeferredRecipients::keep(mail::MessageId id, NextTries tries) {
  if (!tries.empty()) {
    order_.emplace(earliest(tries, base::Time::max()), id.number());
    messages_.insert_or_assign(id.number(), std::move(tries));
  }
}

NextTries DeferredRecipients::take(mail::MessageId id) {
  const auto found = messages_.find(id.number());
  if (found == messages_.end()) {
    return {};
  }
  NextTries tries = std::move(found->second);
  messages_.erase(found);
  std::erase_if(order_, [id](const auto& entry) { return entry.second == id.number(); });
  return tries;
}

std::vector<mail::MessageId> DeferredRecipients::take_due(base::Time now) {
  std::vector<mail::MessageId> due;
  while (!order_.empty() && order_.begin()->first <= now) {
    due.emplace_back(order_.begin()->second);
    order_.erase(order_.begin());
  }
  return due;
}

std::optional<base::Time> DeferredRecipients::first() const {
  return order_.empty() ? std::nullopt : std::optional(order_.begin()->first);
}

void DeferredRecipients::all_due(base::Time now) {
  std::multimap<base::Time, std::uint64_t> order;
  for (const auto& [time, id] : order_) {
    order.emplace(now, id);
  }
  order_ = std::move(order);
  for (auto& [id, tries] : messages_) {
    for (auto& [offset, next] : tries) {
      next = now;
    }
  }
}

void DeferredRecipients::shift_back(base::Seconds by) {
  std::multimap<base::Time, std::uint64_t> order;
  for (const auto& [time, id] : order_) {
    order.emplace(time - by, id);
  }
  order_ = std::move(order);
  for (auto& [id, tries] : messages_) {
    for (auto& [offset, next] : tries) {
      next -= by;
    }
  }
}

}  // namespace reqmail::scheduler
