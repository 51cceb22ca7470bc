// Recipients that are done although nobody could mark them so in their file, on a full or
// read-only disk: they are known here until the mark is written or the file is gone.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <set>
#include <vector>

#include "scheduler/events.h"

namespace reqmail::scheduler {

class Unmarked {
 public:
  struct Recipient {
    std::uint64_t message = 0;
    Channel channel = Channel::local;
    std::uint64_t offset = 0;

    auto operator<=>(const Recipient& other) const = default;  // NOLINT(modernize-use-nullptr)
  };

  void add(const Recipient& recipient) { recipients_.insert(recipient); }

  void remove(const Recipient& recipient) { recipients_.erase(recipient); }

  // All of a message on a channel.
  void remove_all(MessageId id, Channel channel) {
    const auto first = recipients_.lower_bound({id.number(), channel, 0});
    auto end = first;
    while (end != recipients_.end() && end->message == id.number() && end->channel == channel) {
      ++end;
    }
    recipients_.erase(first, end);
  }

  [[nodiscard]] bool contains(const Recipient& recipient) const {
    return recipients_.contains(recipient);
  }

  // No more deliveries are begun, lest many recipients get a message again after a restart.
  [[nodiscard]] bool full() const { return recipients_.size() >= kMost; }

  [[nodiscard]] bool empty() const { return recipients_.empty(); }

  [[nodiscard]] std::vector<Recipient> all() const {
    return {recipients_.begin(), recipients_.end()};
  }

 private:
  static constexpr std::size_t kMost = 10'000;

  std::set<Recipient> recipients_;
};

}  // namespace reqmail::scheduler
