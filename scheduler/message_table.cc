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
  return messages_.find(id.number());
}

void MessageTable::erase(MessageId id) {
  if (Message* message = find(id)) {
    count(*message, static_cast<std::size_t>(-1));
    messages_.erase(id.number());
  }
  if (const auto fresh = fresh_.find(id.number()); fresh != fresh_.end()) {
    fresh_bytes_ -= size_of(fresh->second);
    fresh_.erase(fresh);
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

bool MessageTable::keep_fresh(MessageId id, FreshData fresh) {
  const std::size_t size = size_of(fresh);
  if (size > kFreshOfMessage || fresh_bytes_ + size > kFreshInAll) {
    return false;
  }
  fresh_bytes_ += size;
  fresh_.insert_or_assign(id.number(), std::move(fresh));
  return true;
}

std::optional<FreshList> MessageTable::take_fresh(MessageId id, Channel channel) {
  const auto found = fresh_.find(id.number());
  if (found == fresh_.end() || found->second.records[channel].empty()) {
    return std::nullopt;
  }
  FreshData& fresh = found->second;
  FreshList list{fresh.sender, fresh.birth, std::exchange(fresh.records[channel], {})};
  fresh_bytes_ -= list.records.size();
  if (fresh.records[other(channel)].empty()) {
    fresh_.erase(found);
  }
  return list;
}

std::string MessageTable::trouble() const {
  std::string trouble;
  messages_.for_each([&trouble](std::uint64_t number, const Message& message) {
    const std::string_view rule = trouble_of(message);
    if (trouble.empty() && !rule.empty()) {
      trouble = base::concat({"message ", base::decimal(number), ": ", rule});
    }
  });
  return trouble;
}

}  // namespace reqmail::scheduler
