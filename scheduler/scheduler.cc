#include "scheduler/scheduler.h"

#include <algorithm>
#include <utility>

namespace reqmail::scheduler {

Scheduler::Scheduler(const SchedulerConfig& config)
    : config_(config), names_(config.split), router_(config.routing) {}

Actions Scheduler::handle(const Event& event, Time now) {
  if (now < now_) {
    shift_back(now_ - now);
  }
  now_ = now;
  actions_.clear();
  std::visit([this](const auto& what) { on(what); }, event);
  if (std::holds_alternative<Turn>(event)) {
    // Other events may be answers in the midst of actions, of which log lines are still to
    // come.
    exit_if_done();
  }
  return std::exchange(actions_, {});
}

// The clock was set back: whatever waits goes on waiting as long as before.
void Scheduler::shift_back(Seconds by) {
  for (const Channel channel : kChannels) {
    waiting_[channel].shift_back(by);
  }
  for (auto& [id, own] : own_mail_) {
    own.until -= by;
  }
  for (std::optional<Time>* time : {&note_again_, &rescan_, &sweep_}) {
    if (*time) {
      **time -= by;
    }
  }
  std::multimap<Time, Later> sooner;
  for (const auto& [time, what] : later_) {
    sooner.emplace_hint(sooner.end(), time - by, what);
  }
  later_ = std::move(sooner);
}

std::optional<Time> Scheduler::wakeup() const {
  if (exiting_) {
    // Nothing is tried again any more.
    return std::nullopt;
  }
  std::optional<Time> first = rescan_;
  const auto consider = [&first](std::optional<Time> time) {
    if (time && (!first || *time < *first)) {
      first = time;
    }
  };
  consider(sweep_);
  consider(note_again_);
  consider(busy_users_.first());
  for (const auto& [id, own] : own_mail_) {
    if (!own.taken_up) {
      consider(own.until);
    }
  }
  if (!later_.empty()) {
    consider(later_.begin()->first);
  }
  for (const Channel channel : kChannels) {
    if (!pass_[channel]) {
      consider(waiting_[channel].first());
    }
  }
  return first;
}

void Scheduler::on(const Started& event) {
  for (const Channel channel : kChannels) {
    const auto limit =
        std::min<std::uint64_t>(config_.concurrency[channel], event.spawner_limit[channel]);
    slots_[channel].set_limit(static_cast<unsigned>(limit));
  }
  log_status();
  sweep_ = now_;
}

void Scheduler::on(const Alarm& /*event*/) {
  for (const Channel channel : kChannels) {
    waiting_[channel].all_due(now_);
  }
}

void Scheduler::on(const Reread& event) {
  router_.replace(event.locals, event.virtualdomains);
  if (long_intake_) {
    // All of its recipients are to be routed by the same rules.
    long_intake_->begin();
  }
}

void Scheduler::on(const RereadFailed& event) {
  log(log_line::unable_to_reread(event.file));
}

void Scheduler::on(const Terminate& /*event*/) {
  begin_exit();
}

void Scheduler::on(const ChannelLost& event) {
  if (alive_[event.channel]) {
    alive_[event.channel] = false;
    log(log_line::lost_spawner());
    begin_exit();
  }
}

void Scheduler::on(const ChannelWritable& event) {
  writable_[event.channel] = event.writable;
}

void Scheduler::on(const LeftoverFound& event) {
  if (!exiting_ && find(event.id) == nullptr) {
    actions_.emplace_back(RemoveStrays{event.id});
    ask_clean(CleanKind::foop, event.id);
  }
}

void Scheduler::on(const RetimeFailed& event) {
  log(log_line::unable_to_utime(names_.recipients(event.channel, event.id)));
}

void Scheduler::on(const Turn& /*event*/) {
  timers();
  continue_long_intake();
  take_todo();
  for (const Channel channel : kChannels) {
    pass_step(channel);
  }
  const std::size_t actions = actions_.size();
  while (!finished_.empty() && actions_.size() == actions) {
    const MessageId id(finished_.front());
    finished_.pop_front();
    finish(id);
  }
}

void Scheduler::timers() {
  if (note_again_ && *note_again_ <= now_) {
    note_again_.reset();
    for (Pending& pending : reports_) {
      if (pending.state == Pending::State::refused) {
        pending.state = Pending::State::unsent;
      }
    }
    note_failures();
  }
  if (exiting_) {
    return;
  }
  if (rescan_ && *rescan_ <= now_) {
    rescan_ = now_ + kRescan;
    actions_.emplace_back(ListTodo{});
  }
  if (sweep_ && *sweep_ <= now_) {
    sweep_ = now_ + kSweepInterval;
    actions_.emplace_back(SweepLeftovers{});
  }
  release_own_mail();
  for (const std::string& user : busy_users_.due(now_)) {
    try_parked(user);
  }
  while (!later_.empty() && later_.begin()->first <= now_) {
    const Later due = later_.begin()->second;
    later_.erase(later_.begin());
    try_again(due);
  }
}

void Scheduler::try_again(const Later& later) {
  const MessageId id(later.id);
  Message* message = find(id);
  switch (later.what) {
  case Again::examine:
    actions_.emplace_back(ExamineMessage{id});
    break;
  case Again::sync:
    if (message != nullptr && message->stage == Stage::written && !message->finished) {
      start_sync(id, *message, false);
    }
    break;
  case Again::clean_todo:
    if (message != nullptr && message->stage == Stage::written && !message->finished) {
      set_stage(*message, Stage::cleaning);
      ask_clean(CleanKind::todo, id);
    }
    break;
  case Again::finish:
    finished_.push_back(later.id);
    break;
  case Again::mark:
    mark_again();
    break;
  }
}

void Scheduler::later(Again what, MessageId id, Seconds after) {
  later_.emplace(now_ + after, Later{what, id.number()});
}

// TERM, or a helper is gone: nothing new is begun; what is under way is waited for, and no
// message is left half preprocessed.
void Scheduler::begin_exit() {
  if (exiting_) {
    return;
  }
  exiting_ = true;
  note_again_.reset();
  rescan_.reset();
  sweep_.reset();
  later_.clear();
  // What was written of it is made anew at the next start.
  long_intake_.reset();
  long_waiting_.clear();
  actions_.emplace_back(HurryBounces{});
  mark_again();
  for (auto& [number, message] : messages_) {
    if (message.stage == Stage::written && !message.finished && !message.rewrite) {
      start_sync(MessageId(number), message, false);
    }
  }
  deal_with_reports();
}

bool Scheduler::can_exit() const {
  if (!exiting_ || syncing_ != 0 || cleans_out_ != 0 || bounces_out_ != 0 ||
      !finished_.empty()) {
    return false;
  }
  for (const Channel channel : kChannels) {
    if (alive_[channel] && slots_[channel].running() != 0) {
      return false;
    }
  }
  return noting_.empty();
}

void Scheduler::exit_if_done() {
  // The answers to these actions may want more: a message that has begun to leave the queue
  // leaves it whole. Each round has a Turn, so the end comes soon enough.
  const bool asked = std::any_of(actions_.begin(), actions_.end(), [](const Action& action) {
    return !std::holds_alternative<Log>(action);
  });
  if (exited_ || asked || !can_exit()) {
    return;
  }
  exited_ = true;
  for (const Channel channel : kChannels) {
    for (const WaitingLine::Entry& entry : waiting_[channel].entries()) {
      const MessageId id(entry.id);
      const Message* message = find(id);
      if (message != nullptr && message->place[channel] == Place::waiting) {
        actions_.emplace_back(Retime{channel, id, entry.due});
      }
    }
  }
  log(log_line::exiting());
  actions_.emplace_back(Exit{});
}

void Scheduler::log(std::string line) {
  actions_.emplace_back(Log{std::move(line)});
}

void Scheduler::log_status() {
  PerChannel<log_line::Load> load;
  for (const Channel channel : kChannels) {
    load[channel] = log_line::Load{slots_[channel].running(), slots_[channel].limit()};
  }
  log(log_line::status(load, exiting_));
}

Message* Scheduler::find(MessageId id) {
  const auto found = messages_.find(id.number());
  return found == messages_.end() ? nullptr : &found->second;
}

void Scheduler::set_stage(Message& message, Stage stage) {
  const auto count = [this](const Message& counted, std::size_t one) {
    syncing_ += counted.stage == Stage::syncing ? one : 0;
    unsynced_ += counted.todo_there() ? one : 0;
  };
  count(message, static_cast<std::size_t>(-1));
  message.stage = stage;
  count(message, 1);
}

}  // namespace reqmail::scheduler
