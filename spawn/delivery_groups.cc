#include "spawn/delivery_groups.h"

#include <algorithm>
#include <utility>

namespace reqmail::spawn {

namespace {

// One that is not may not be sendable, or only with an extension, and so the others with it.
bool is_plain(std::string_view recipient) {
  return std::all_of(recipient.begin(), recipient.end(),
                     [](char byte) { return byte >= ' ' && byte <= '~'; });
}

}  // namespace

bool DeliveryGroups::takes(const DeliveryGroup& group, const Joiner& joiner) const {
  return group.slots.size() < recipients_max_ &&
         group.bytes + joiner.recipient.size() <= kBytesMax &&
         group.message == joiner.message && group.order.sender == joiner.sender &&
         group.order.host == joiner.host && is_plain(group.order.recipients.front());
}

bool DeliveryGroups::join(const Joiner& joiner, std::chrono::milliseconds now) {
  if (!is_plain(joiner.recipient)) {
    return false;
  }
  const auto group = std::find_if(groups_.begin(), groups_.end(),
                                  [&](const DeliveryGroup& one) { return takes(one, joiner); });
  if (group == groups_.end()) {
    return false;
  }
  group->order.recipients.emplace_back(joiner.recipient);
  group->slots.push_back(joiner.slot);
  group->bytes += joiner.recipient.size();
  group->due =
      group->slots.size() == recipients_max_ ? now : std::min(now + kPause, group->last_due);
  return true;
}

void DeliveryGroups::begin(const std::string& message, const RemoteOrder& order, unsigned slot,
                           const GroupStart& start, std::chrono::milliseconds now) {
  groups_.push_back({message,
                     order,
                     {slot},
                     start,
                     order.recipients.front().size(),
                     now + kPause,
                     now + kGather});
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
