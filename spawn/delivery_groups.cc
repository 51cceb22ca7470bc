#include "spawn/delivery_groups.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace reqmail::spawn {

namespace {

// One that is not may not be sendable, or only with an extension, and so the others with it.
bool is_plain(const std::string& recipient) {
  return std::all_of(recipient.begin(), recipient.end(),
                     [](char byte) { return byte >= ' ' && byte <= '~'; });
}

bool belong_together(const RemoteOrder& one, const RemoteOrder& other) {
  return one.host == other.host && one.sender == other.sender && one.wishes == other.wishes &&
         is_plain(one.recipients.front()) && is_plain(other.recipients.front());
}

std::size_t bytes_of(const std::vector<std::string>& recipients) {
  return std::accumulate(
      recipients.begin(), recipients.end(), std::size_t{0},
      [](std::size_t sum, const std::string& one) { return sum + one.size(); });
}

}  // namespace

bool DeliveryGroups::has_room(const DeliveryGroup& group, const RemoteOrder& order) const {
  return group.slots.size() < recipients_max_ &&
         bytes_of(group.order.recipients) + bytes_of(order.recipients) <= kBytesMax;
}

void DeliveryGroups::add(const std::string& message, const RemoteOrder& order, unsigned slot,
                         const GroupStart& start, std::chrono::milliseconds now) {
  for (DeliveryGroup& group : groups_) {
    if (group.message == message && belong_together(group.order, order) &&
        has_room(group, order)) {
      group.order.recipients.push_back(order.recipients.front());
      group.slots.push_back(slot);
      group.due =
          group.slots.size() == recipients_max_ ? now : std::min(now + kPause, group.last_due);
      return;
    }
  }
  groups_.push_back({message, order, {slot}, start, now + kPause, now + kGather});
}

std::vector<DeliveryGroup> DeliveryGroups::take_due(std::chrono::milliseconds now) {
  std::vector<DeliveryGroup> due;
  for (auto group = groups_.begin(); group != groups_.end();) {
    if (group->due <= now) {
      due.push_back(std::move(*group));
      group = groups_.erase(group);
    } else {
      ++group;
    }
  }
  return due;
}

std::optional<std::chrono::milliseconds> DeliveryGroups::first_due() const {
  std::optional<std::chrono::milliseconds> first;
  for (const DeliveryGroup& group : groups_) {
    first = std::min(first.value_or(group.due), group.due);
  }
  return first;
}

}  // namespace reqmail::spawn
