// New messages and those that an earlier qmail-send left.

#include <algorithm>
#include <utility>

#include "base/number.h"
#include "base/text.h"
#include "mail/envelope.h"
#include "send/scheduler.h"

namespace reqmail::send {

namespace {

// Recipient records kept in memory for the first pass, of one message and in all; beyond, the
// pass reads the file.
constexpr std::size_t kFreshOfMessage = std::size_t{64} << 10;
constexpr std::size_t kFreshInAll = std::size_t{8} << 20;

std::size_t size_of(const PerChannel<std::string>& texts) {
  return texts[Channel::local].size() + texts[Channel::remote].size();
}

// Recipient records with every done mark taken back; nothing where the text is no such list.
std::optional<std::string> without_marks(std::string_view text) {
  std::string plain;
  mail::RecordParser records(text);
  while (const auto record = records.next()) {
    if (record->letter != 'T' && record->letter != 'D') {
      return std::nullopt;
    }
    mail::append_record(plain, 'T', record->value);
  }
  if (records.unfinished()) {
    return std::nullopt;
  }
  return plain;
}

bool all_done(std::string_view text) {
  mail::RecordParser records(text);
  while (const auto record = records.next()) {
    if (record->letter != 'D') {
      return false;
    }
  }
  return true;
}

std::string info_text(std::string_view sender) {
  std::string text;
  mail::append_record(text, 'F', sender);
  return text;
}

}  // namespace

// --- Preprocessed messages found at the start ---

void Scheduler::on(const MessageFound& event) {
  const std::uint64_t number = event.id.number();
  if (exiting_ || messages_.contains(number) || restart_.contains(number)) {
    return;
  }
  Message& message = messages_[number];
  for (const Channel channel : kChannels) {
    if (event.next_try[channel]) {
      put_back(channel, event.id, clamped(*event.next_try[channel], event.birth, channel));
    }
  }
  if (message.all_through()) {
    message.finished = true;
    finished_.push_back(number);
  }
}

void Scheduler::on(const MessageUnknown& event) {
  log(log_line::warning_later("unable to stat", names_.recipients(event.channel, event.id)));
  later(Again::examine, event.id);
}

// After the clock was set back, a file's time may lie far ahead; a message from the future is
// new.
Time Scheduler::clamped(Time due, std::optional<Time> birth, Channel channel) const {
  if (birth && *birth > now_) {
    return now_;
  }
  return std::min(due, now_ + longest_step(config_.lifetime, channel));
}

// --- New messages ---

void Scheduler::on(const TodoListed& event) {
  if (exiting_) {
    return;
  }
  rescan_ = now_ + kRescan;
  todo_.clear();
  for (const MessageId id : event.ids) {
    const Message* message = find(id);
    if (message == nullptr || !message->todo_there()) {
      todo_.push_back(id.number());
    }
    if (event.restart) {
      restart_.insert(id.number());
    }
  }
}

void Scheduler::on(const TodoUnlistable& /*event*/) {
  log(log_line::unable_to_list("todo"));
  rescan_ = now_ + kAlertSleep;
}

void Scheduler::take_todo() {
  while (!exiting_ && todo_holders_ == 0 && !todo_.empty()) {
    const MessageId id(todo_.front());
    todo_.pop_front();
    Message* message = find(id);
    if (message != nullptr && message->stage == Stage::queued && !message->finished &&
        message->place[Channel::local] != Place::open &&
        message->place[Channel::remote] != Place::open) {
      // Files of a message that is long gone: the number is in use again.
      messages_.erase(id.number());
      message = nullptr;
    }
    if (message == nullptr) {
      actions_.emplace_back(ReadTodo{id, restart_.contains(id.number())});
      return;
    }
    if (message->stage == Stage::ending) {
      // The old message of this number has gone, only the answer is not here yet.
      message->todo_again = true;
    }
  }
}

void Scheduler::on(const TodoUnreadable& event) {
  switch (event.fault) {
  case TodoFault::open:
    log(log_line::warning(base::concat({"unable to open ", FileNames::todo(event.id)})));
    break;
  case TodoFault::stat:
    log(log_line::warning(base::concat({"unable to stat ", names_.mess(event.id)})));
    break;
  case TodoFault::read:
    log(log_line::new_message(event.id));
    log(log_line::warning(base::concat({"trouble reading ", FileNames::todo(event.id)})));
    break;
  }
}

void Scheduler::on(const TodoFound& event) {
  Parsed parsed;
  parsed.id = event.id;
  parsed.size = event.size;
  switch (parse(event, parsed)) {
  case ParseFault::none:
    break;
  case ParseFault::unfinished:
    log(log_line::warning(base::concat({"trouble reading ", FileNames::todo(event.id)})));
    return;
  case ParseFault::unknown_record:
    announce(parsed);
    log(log_line::warning(
        base::concat({"unknown record type in ", FileNames::todo(event.id)})));
    return;
  }
  if (event.leftovers && adopt(parsed, *event.leftovers)) {
    restart_.erase(event.id.number());
    return;
  }
  WriteTodoResult write{event.id, info_text(parsed.sender), parsed.recipients,
                        event.leftovers.has_value()};
  writing_ = std::move(parsed);
  actions_.emplace_back(std::move(write));
}

Scheduler::ParseFault Scheduler::parse(const TodoFound& event, Parsed& parsed) const {
  std::uint64_t uid = 0;
  std::uint64_t pid = 0;
  mail::RecordParser records(event.envelope);
  while (const auto record = records.next()) {
    switch (record->letter) {
    case 'u':
      uid = base::leading_number(record->value).value_or(0);
      break;
    case 'p':
      pid = base::leading_number(record->value).value_or(0);
      break;
    case 'F':
      if (!parsed.has_sender) {
        // The info line shows what is known when the sender is read.
        parsed.has_sender = true;
        parsed.sender = record->value;
        parsed.uid = uid;
        parsed.pid = pid;
      }
      break;
    case 'T': {
      const Route route = router_.route(record->value);
      mail::append_record(parsed.recipients[route.channel], 'T', route.recipient);
      break;
    }
    default:
      return ParseFault::unknown_record;
    }
  }
  return records.unfinished() || !parsed.has_sender ? ParseFault::unfinished : ParseFault::none;
}

void Scheduler::announce(const Parsed& parsed) {
  log(log_line::new_message(parsed.id));
  if (parsed.has_sender) {
    log(log_line::message_info(parsed.id, parsed.size, parsed.sender, parsed.pid, parsed.uid));
  }
}

void Scheduler::on(const TodoWritten& event) {
  const Parsed parsed = *std::exchange(writing_, std::nullopt);
  if (event.outcome == WriteOutcome::failed || event.outcome == WriteOutcome::written) {
    announce(parsed);
  }
  if (event.outcome != WriteOutcome::written) {
    log(log_line::warning(event.trouble));
    return;
  }
  restart_.erase(event.id.number());
  Message& message = messages_[event.id.number()];
  set_stage(message, Stage::written);
  message.may_bounce = false;
  for (const Channel channel : kChannels) {
    if (!parsed.recipients[channel].empty()) {
      put_back(channel, event.id, now_);
    }
  }
  const std::size_t size = size_of(parsed.recipients);
  if (size <= kFreshOfMessage && fresh_bytes_ + size <= kFreshInAll) {
    fresh_bytes_ += size;
    message.fresh = std::make_unique<FreshData>();
    message.fresh->sender = parsed.sender;
    message.fresh->birth = now_;
    message.fresh->records = parsed.recipients;
  }
  if (message.all_through()) {
    message.finished = true;
    finished_.push_back(event.id.number());
  } else {
    actions_.emplace_back(SyncLater{event.id});
  }
}

// Keeps what an earlier qmail-send has made of todo/N, marks included.
bool Scheduler::adopt(const Parsed& parsed, const Leftovers& leftovers) {
  if (!leftovers.younger_than_todo) {
    return false;
  }
  PerChannel<bool> done{{true, true}};
  for (const Channel channel : kChannels) {
    const std::string text = leftovers.recipients[channel].value_or("");
    const auto plain = without_marks(text);
    if (!plain || *plain != parsed.recipients[channel]) {
      return false;
    }
    done[channel] = all_done(text);
  }
  // Without info/N only a message of which nothing is left to do: its end was under way.
  const bool ended = !leftovers.info && done[Channel::local] && done[Channel::remote] &&
                     size_of(parsed.recipients) != 0;
  if (!ended && leftovers.info != info_text(parsed.sender)) {
    return false;
  }
  Message& message = messages_[parsed.id.number()];
  set_stage(message, Stage::written);
  message.info_removed = ended;
  for (const Channel channel : kChannels) {
    if (parsed.recipients[channel].empty()) {
      continue;
    }
    if (done[channel]) {
      message.place[channel] = Place::through;
    } else {
      put_back(channel, parsed.id,
               clamped(leftovers.next_try[channel], leftovers.birth, channel));
    }
  }
  if (message.all_through()) {
    message.finished = true;
    message.may_bounce = !ended;
    finished_.push_back(parsed.id.number());
  } else {
    actions_.emplace_back(SyncLater{parsed.id});
  }
  return true;
}

// --- Making it durable ---

void Scheduler::on(const SyncDue& event) {
  Message* message = find(event.id);
  if (!exiting_ && message != nullptr && message->stage == Stage::written &&
      !message->finished && !message->rewrite && !message->synced) {
    start_sync(event.id, *message, false);
  }
}

void Scheduler::start_sync(MessageId id, Message& message, bool hold_log) {
  set_stage(message, Stage::syncing);
  SyncMessage sync{id, {}, std::exchange(message.rewrite, false)};
  for (const Channel channel : kChannels) {
    sync.recipients[channel] = message.place[channel] != Place::none;
  }
  actions_.emplace_back(sync);
  if (hold_log) {
    actions_.emplace_back(HoldLog{id});
  }
}

void Scheduler::on(const Synced& event) {
  Message* message = find(event.id);
  if (message == nullptr || message->stage != Stage::syncing) {
    return;
  }
  set_stage(*message, Stage::written);
  if (message->finished && !message->held) {
    finish_step(event.id, *message);
    return;
  }
  if (!event.success) {
    // A failed sync is final for these files; the next try writes them anew.
    log(log_line::warning(base::concat({"trouble fsyncing ", names_.info(event.id)})));
    message->rewrite = true;
    later(Again::sync, event.id);
    return;
  }
  message->synced = true;
  set_stage(*message, Stage::cleaning);
  ask_clean(CleanKind::todo, event.id);
}

}  // namespace reqmail::send
