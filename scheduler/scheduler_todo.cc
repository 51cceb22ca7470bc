// New messages and those that an earlier qmail-send left.

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "scheduler/scheduler.h"

namespace reqmail::scheduler {

// --- Preprocessed messages found at the start ---

void Scheduler::on(const MessageFound& event) {
  const std::uint64_t number = event.id.number();
  if (exiting_ || messages_.contains(number) || restart_.contains(number)) {
    return;
  }
  Message& message = messages_[number];
  if (!event.foreign.empty()) {
    foreign_[number] = event.foreign;
  }
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

void Scheduler::on(const MessageStranded& event) {
  if (!exiting_ && find(event.id) == nullptr && !restart_.contains(event.id.number())) {
    keep_stranded(event.id, event.file);
  }
}

void Scheduler::keep_stranded(MessageId id, std::string_view file) {
  log(log_line::warning(base::concat(
      {names_.info(id), " has no recipients but ", file, " is there; message kept"})));
  if (!exiting_) {
    later(Again::examine, id, kKeptStep);
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
  long_waiting_.clear();
  for (auto& [id, own] : own_mail_) {
    own.taken_up = false;
  }
  for (const MessageId id : event.ids) {
    const Message* message = find(id);
    if (intake_of(id) == nullptr && !own_mail_.contains(id.number()) &&
        (message == nullptr || !message->todo_there())) {
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
      for (const Channel channel : kChannels) {
        unmarked_.remove_all(id, channel);
      }
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
  own_mail_.erase(event.id.number());
  drop_intake(event.id);
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

// --- Making it durable ---

void Scheduler::on(const SyncDue& event) {
  Message* message = find(event.id);
  if (!exiting_ && message != nullptr && message->stage == Stage::written &&
      (!message->finished || message->bounce_running) && !message->rewrite &&
      !message->synced) {
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
  if (message->finished && !message->held && !message->bounce_running) {
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

}  // namespace reqmail::scheduler
