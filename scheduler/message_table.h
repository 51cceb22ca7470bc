// The messages that qmail-send has in memory: the one table that all parts of the scheduler
// work on. It keeps the counts that depend on their stages, and the line of those that are to
// leave.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <unordered_map>

#include "mail/message_id.h"
#include "scheduler/actions.h"
#include "scheduler/message.h"

namespace reqmail::scheduler {

class MessageTable {
 public:
  // Returns null if there is no such message.
  Message* find(MessageId id);

  // A new message, or the one that is there.
  Message& add(MessageId id) { return messages_[id.number()]; }

  void erase(MessageId id);

  void set_stage(Message& message, Stage stage);

  // All that can be done for the recipients is done: the message gets into the line of those
  // that are to leave.
  void finish(MessageId id, Message& message);

  // A message whose end was put off gets into that line again.
  void finish_again(MessageId id) { leaving_.push_back(id.number()); }

  // The first of that line, taken out; it may be gone meanwhile.
  std::optional<MessageId> take_leaving();

  [[nodiscard]] bool any_leaving() const { return !leaving_.empty(); }

  // Keeps what the first pass over a new message needs, unless that takes too much memory.
  void keep_fresh(Message& message, FreshData fresh);

  // Takes the recipients of a channel out; empty if they are to be read from the file. The
  // sender and the birth stay until the other channel's recipients are taken as well.
  std::string take_fresh(Message& message, Channel channel);

  [[nodiscard]] std::size_t size() const { return messages_.size(); }

  // How many messages still have their todo/N.
  [[nodiscard]] std::size_t unsynced() const { return unsynced_; }

  // How many are being synced.
  [[nodiscard]] std::size_t syncing() const { return syncing_; }

  [[nodiscard]] std::unordered_map<std::uint64_t, Message>& all() { return messages_; }

  // Describes a message in an illegal state; empty if there is none.
  [[nodiscard]] std::string trouble() const;

 private:
  void count(const Message& message, std::size_t one);

  std::unordered_map<std::uint64_t, Message> messages_;
  std::deque<std::uint64_t> leaving_;
  std::size_t unsynced_ = 0;
  std::size_t syncing_ = 0;
  std::size_t fresh_bytes_ = 0;
};

}  // namespace reqmail::scheduler
