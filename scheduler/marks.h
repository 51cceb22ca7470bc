// Recipients that are done although nobody could mark them so in their file, on a full or
// read-only disk: they are known here until the mark is written or the file is gone.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>

#include "scheduler/context.h"

namespace reqmail::scheduler {

class Marks {
 public:
  void on(const MarkFailed& event, Context& context);
  void on(const MarkedAgain& event, Context& context);

  // Returns whether the recipient is done.
  [[nodiscard]] bool contains(MessageId id, Channel channel, std::uint64_t offset) const {
    return unmarked_.contains({id.number(), channel, offset});
  }

  // No more deliveries are begun, lest many recipients get a message again after a restart.
  [[nodiscard]] bool full() const { return unmarked_.size() >= kMost; }

  // The file is gone, or another message's.
  void forget(MessageId id, Channel channel);

  void turn(Context& context);

  // qmail-send is to end: one more try.
  void end(Context& context);

  // When turn() has something to do.
  [[nodiscard]] std::optional<Steady> first() const { return again_; }

 private:
  struct Recipient {
    std::uint64_t message = 0;
    Channel channel = Channel::local;
    std::uint64_t offset = 0;

    auto operator<=>(const Recipient& other) const = default;  // NOLINT(modernize-use-nullptr)
  };

  static constexpr std::size_t kMost = 10'000;

  void try_all(Context& context) const;

  std::set<Recipient> unmarked_;
  std::optional<Steady> again_;
};

}  // namespace reqmail::scheduler
