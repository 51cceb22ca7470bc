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

#include "base/time.h"
#include "mail/message_id.h"
#include "scheduler/actions.h"
#include "scheduler/message.h"
#include "scheduler/number_map.h"

namespace reqmail::scheduler {

// Of a message that has come in this qmail-send's time: its first pass needs no file.
struct FreshData {
  std::string sender;
  Time birth{};
  PerChannel<std::string> records;
};

// What a first pass over one channel needs.
struct FreshList {
  std::string sender;
  Time birth{};
  std::string records;
};

// A reference to a message is valid until another one is added or one is erased.

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

  // Keeps what the first passes over a new message need, unless that takes too much memory.
  // Returns whether it is kept.
  bool keep_fresh(MessageId id, FreshData fresh);

  // Takes the list of a channel out; nullopt if it is to be read from the files.
  std::optional<FreshList> take_fresh(MessageId id, Channel channel);

  [[nodiscard]] std::size_t size() const { return messages_.size(); }

  // How many messages still have their todo/N.
  [[nodiscard]] std::size_t unsynced() const { return unsynced_; }

  // How many are being synced.
  [[nodiscard]] std::size_t syncing() const { return syncing_; }

  // Calls visit(id, message) for all messages. None may be added or erased meanwhile.
  template <typename Visit>
  void for_each(const Visit& visit) {
    messages_.for_each([&visit](std::uint64_t number, Message& message) {
      visit(MessageId(number), message);
    });
  }

  // Describes a message in an illegal state; empty if there is none.
  [[nodiscard]] std::string trouble() const;

 private:
  void count(const Message& message, std::size_t one);

  NumberMap<Message> messages_;
  std::unordered_map<std::uint64_t, FreshData> fresh_;
  std::deque<std::uint64_t> leaving_;
  std::size_t unsynced_ = 0;
  std::size_t syncing_ = 0;
  std::size_t fresh_bytes_ = 0;
};

}  // namespace reqmail::scheduler
