#include "scheduler/message_table.h"

#include <utility>

#include "base/number.h"
#include "base/text.h"

namespace reqmail::scheduler {

namespace {

// Recipient records kept in memory for the first pass, of one message and in all; beyond, the
// pass reads the file.
constexpr std::size_t kFreshOfMessage = std::size_t{64} << 10;
constexpr std::size_t kFreshInAll = std::size_t{8} << 20;

std::size_t size_of(const FreshData& fresh) {
  return fresh.records[Channel::local].size() + fresh.records[Channel::remote].size();
}

}  // namespace

Message* MessageTable::find(MessageId id) {
  const auto found = messages_.find(id.number());
  return found == messages_.end() ? nullptr : &found->second;
}

void MessageTable::erase(MessageId id) {
  if (Message* message = find(id)) {
    count(*message, static_cast<std::size_t>(-1));
    fresh_bytes_ -= message->fresh == nullptr ? 0 : size_of(*message->fresh);
    messages_.erase(id.number());
  }
}

void MessageTable::count(const Message& message, std::size_t one) {
  syncing_ += message.stage == Stage::syncing ? one : 0;
  unsynced_ += message.todo_there() ? one : 0;
}

void MessageTable::set_stage(Message& message, Stage stage) {
  count(message, static_cast<std::size_t>(-1));
  message.stage = stage;
  count(message, 1);
}

void MessageTable::finish(MessageId id, Message& message) {
  message.end = End::due;
  leaving_.push_back(id.number());
}

std::optional<MessageId> MessageTable::take_leaving() {
  if (leaving_.empty()) {
    return std::nullopt;
  }
  const MessageId id(leaving_.front());
  leaving_.pop_front();
  return id;
}

void MessageTable::keep_fresh(Message& message, FreshData fresh) {
  const std::size_t size = size_of(fresh);
  if (size <= kFreshOfMessage && fresh_bytes_ + size <= kFreshInAll) {
    fresh_bytes_ += size;
    message.fresh = std::make_unique<FreshData>(std::move(fresh));
  }
}

std::string MessageTable::take_fresh(Message& message, Channel channel) {
  if (message.fresh == nullptr) {
    return {};
  }
  std::string records = std::exchange(message.fresh->records[channel], {});
  fresh_bytes_ -= records.size();
  return records;
}

std::string MessageTable::trouble() const {
  for (const auto& [number, message] : messages_) {
    if (const std::string_view rule = trouble_of(message); !rule.empty()) {
      return base::concat({"message ", base::decimal(number), ": ", rule});
    }
  }
  return {};
}

}  // namespace reqmail::scheduler
