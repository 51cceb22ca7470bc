#include "scheduler/busy_users.h"

#include <algorithm>

namespace reqmail::scheduler {

std::optional<std::string> BusyUsers::must_wait(const std::string& recipient) {
  const auto user = user_of_.find(recipient);
  if (user == user_of_.end()) {
    return std::nullopt;
  }
  Queue& queue = queues_[user->second];
  if (queue.allowed == 0) {
    return user->second;
  }
  --queue.allowed;
  return std::nullopt;
}

bool BusyUsers::refused(const std::string& recipient, const std::string& user,
                        std::uint64_t delivery, Time now) {
  if (user_of_.size() >= kMostRecipients && !user_of_.contains(recipient)) {
    return false;
  }
  user_of_[recipient] = user;
  const auto [found, is_new] = queues_.try_emplace(user);
  Queue& queue = found->second;
  if (is_new) {
    queue.began = delivery;
    queue.again = now + queue.step;
  }
  return true;
}

bool BusyUsers::park(const std::string& user, MessageId id, bool was_refused) {
  const auto found = queues_.find(user);
  if (found == queues_.end()) {
    return false;
  }
  std::deque<std::uint64_t>& messages = found->second.messages;
  messages.insert(was_refused ? messages.begin() : messages.end(), id.number());
  return true;
}

std::vector<std::string> BusyUsers::ended(const std::string& recipient,
                                          std::uint64_t delivery) {
  std::vector<std::string> users;
  const auto known = user_of_.find(recipient);
  for (auto& [user, queue] : queues_) {
    if (known == user_of_.end() ? delivery < queue.began : user == known->second) {
      queue.step = kFirstStep;
      users.push_back(user);
    }
  }
  return users;
}

std::vector<std::string> BusyUsers::due(Time now) {
  std::vector<std::string> users;
  for (auto& [user, queue] : queues_) {
    // A time further ahead than a step comes of a clock that was set back.
    if (queue.again <= now || queue.again > now + kLongestStep) {
      queue.step = std::min(queue.step * 2, kLongestStep);
      queue.again = now + queue.step;
      users.push_back(user);
    }
  }
  return users;
}

std::optional<Time> BusyUsers::first() const {
  std::optional<Time> first;
  for (const auto& [user, queue] : queues_) {
    if (!first || queue.again < *first) {
      first = queue.again;
    }
  }
  return first;
}

std::optional<MessageId> BusyUsers::take(const std::string& user) {
  const auto found = queues_.find(user);
  if (found == queues_.end()) {
    return std::nullopt;
  }
  std::deque<std::uint64_t>& messages = found->second.messages;
  if (!messages.empty()) {
    const MessageId id(messages.front());
    messages.pop_front();
    return id;
  }
  queues_.erase(found);
  std::erase_if(user_of_, [&user](const auto& known) { return known.second == user; });
  return std::nullopt;
}

}  // namespace reqmail::scheduler
