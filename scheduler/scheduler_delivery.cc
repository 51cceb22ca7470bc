// Passes over the recipients, and the deliveries that are begun on them.

#include <utility>

#include "base/text.h"
#include "scheduler/scheduler.h"

namespace reqmail::scheduler {

// --- Passes ---

// Goes on until there is an action or nothing to do: a turn without action is the last one.
void Scheduler::pass_step(Channel channel) {
  while (!exiting_ && alive_[channel]) {
    if (!pass_[channel]) {
      open_pass(channel);
    }
    if (!pass_[channel]) {
      return;
    }
    Pass& pass = *pass_[channel];
    const auto record = record_at(pass);
    if (!record) {
      if (!end_of_chunk(channel)) {
        return;
      }
      continue;
    }
    switch (record->letter) {
    case 'D':
      advance(pass, *record);
      continue;
    case 'T':
      if (unmarked_.contains({jobs_[pass.job].id.number(), channel, record->offset})) {
        advance(pass, *record);
        continue;
      }
      if (unmarked_.full() || slots_[channel].full() || !writable_[channel]) {
        return;
      }
      if (wait_for_user(channel, *record)) {
        advance(pass, *record);
        continue;
      }
      start_delivery(channel, *record);
      advance(pass, *record);
      return;
    default:
      abandon_pass(channel);
      return;
    }
  }
}

// Whether the recipient's user is busy: then nothing is tried.
bool Scheduler::wait_for_user(Channel channel, const PassRecord& record) {
  if (channel != Channel::local) {
    return false;
  }
  const auto user = busy_users_.must_wait(std::string(record.recipient));
  if (user) {
    Job& job = jobs_[pass_[channel]->job];
    ++job.remaining;
    job.busy_users.try_emplace(*user, false);
  }
  return user.has_value();
}

// Whether the next message may be looked at in the same turn.
bool Scheduler::end_of_chunk(Channel channel) {
  const Pass& pass = *pass_[channel];
  if (unfinished(pass)) {
    abandon_pass(channel);
    return false;
  }
  if (!pass.chunk.last) {
    actions_.emplace_back(
        ReadPass{channel, jobs_[pass.job].id, pass.chunk.offset + pass.chunk.records.size()});
    return false;
  }
  const std::size_t actions = actions_.size();
  end_pass(channel);
  return actions_.size() == actions;
}

void Scheduler::open_pass(Channel channel) {
  while (const auto id = waiting_[channel].take_due(now_)) {
    Message* message = find(*id);
    if (message == nullptr || message->place[channel] != Place::waiting) {
      continue;
    }
    message->place[channel] = Place::open;
    if (message->fresh == nullptr || message->fresh->records[channel].empty()) {
      actions_.emplace_back(OpenPass{channel, *id});
      return;
    }
    FreshData& fresh = *message->fresh;
    RecordChunk chunk;
    chunk.records = std::exchange(fresh.records[channel], {});
    fresh_bytes_ -= chunk.records.size();
    begin_pass(channel, *id, fresh.sender, fresh.birth, std::move(chunk));
    if (fresh.records[Channel::local].empty() && fresh.records[Channel::remote].empty()) {
      message->fresh.reset();
    }
    return;
  }
}

void Scheduler::begin_pass(Channel channel, MessageId id, std::string_view sender, Time birth,
                           RecordChunk chunk) {
  if (birth < kClockWasSet && now_ >= kClockWasSet) {
    // Queued before the clock was set: what its age is nobody knows.
    birth = now_;
    actions_.emplace_back(SetBirth{id, birth});
  }
  Job job;
  job.id = id;
  job.channel = channel;
  job.sender = sender;
  job.retry = next_try(birth, now_, channel);
  job.dying = now_ > birth + config_.lifetime;
  job.pass_open = true;
  pass_[channel] = Pass{jobs_.add(std::move(job)), std::move(chunk), 0};
}

void Scheduler::on(const PassOpened& event) {
  Message* message = find(event.id);
  if (message == nullptr) {
    return;
  }
  if (!event.chunk.records.empty()) {
    message->had_recipients = true;
  } else if (event.chunk.last && !was_emptied(event, *message)) {
    log(log_line::warning(
        base::concat({names_.recipients(event.channel, event.id), " is empty; message kept"})));
    put_back(event.channel, event.id, now_ + kKeptStep);
    return;
  }
  begin_pass(event.channel, event.id, event.sender, event.birth, event.chunk);
}

// qmail-send writes no empty list; what is empty has lost its recipients. But one that was
// found so at the start, is the only one and was changed well after the message was
// preprocessed has been emptied by the administrator, who wants to be rid of the message.
bool Scheduler::was_emptied(const PassOpened& event, const Message& message) const {
  constexpr Seconds kPreprocessing(60);
  const Channel other = event.channel == Channel::local ? Channel::remote : Channel::local;
  return !message.had_recipients && message.place[other] == Place::none &&
         event.changed > event.birth + kPreprocessing && event.changed <= now_;
}

void Scheduler::on(const PassRead& event) {
  if (pass_[event.channel]) {
    pass_[event.channel]->chunk = event.chunk;
    pass_[event.channel]->position = 0;
  }
}

void Scheduler::on(const PassFailed& event) {
  const std::string file = names_.recipients(event.channel, event.id);
  switch (event.fault) {
  case PassFault::info:
    log(log_line::warning_later("trouble opening", names_.info(event.id)));
    break;
  case PassFault::open:
    log(log_line::warning_later("trouble opening", file));
    break;
  case PassFault::read:
    log(log_line::warning_later("trouble reading", file));
    break;
  }
  std::optional<Pass>& pass = pass_[event.channel];
  if (!pass) {
    put_back(event.channel, event.id, now_ + kFailedStep);
    return;
  }
  // In the middle of the list.
  Job& job = jobs_[pass->job];
  job.retry = now_ + kFailedStep;
  job.deferred = true;
  ++job.remaining;
  end_pass(event.channel);
}

// A record that is none: the rest of the list is left for later.
void Scheduler::abandon_pass(Channel channel) {
  Job& job = jobs_[pass_[channel]->job];
  log(log_line::warning(
      base::concat({"unknown record type in ", names_.recipients(channel, job.id), "!"})));
  job.retry = now_ + kFailedStep;
  job.deferred = true;
  ++job.remaining;
  end_pass(channel);
}

void Scheduler::end_pass(Channel channel) {
  const std::size_t number = pass_[channel]->job;
  pass_[channel].reset();
  jobs_[number].pass_open = false;
  close_job_if_idle(number);
}

void Scheduler::put_back(Channel channel, MessageId id, Time due) {
  if (Message* message = find(id)) {
    message->place[channel] = Place::waiting;
    if (channel == Channel::local) {
      message->parked = false;
    }
    waiting_[channel].add(id, due);
  }
}

void Scheduler::close_job_if_idle(std::size_t number) {
  Job& job = jobs_[number];
  if (job.pass_open || job.deliveries != 0) {
    return;
  }
  const MessageId id = job.id;
  const Channel channel = job.channel;
  const bool through = job.remaining == 0;
  const bool parked = !through && !job.deferred && !job.busy_users.empty() && park(job);
  const Time retry = job.retry;
  jobs_.remove(number);
  Message& message = *find(id);
  if (parked) {
    message.place[channel] = Place::waiting;
    message.parked = true;
  } else if (!through) {
    put_back(channel, id, retry);
  } else if (!message.todo_there()) {
    actions_.emplace_back(RemoveRecipients{channel, id});
    return;
  } else {
    message.place[channel] = Place::through;
    if (message.all_through()) {
      message.finished = true;
      finished_.push_back(id.number());
      return;
    }
  }
  // The message will stay: it leaves todo now.
  if (message.stage == Stage::written && !message.synced && !message.rewrite) {
    start_sync(id, message, true);
  }
}

void Scheduler::on(const RecipientsRemoved& event) {
  Message* message = find(event.id);
  if (message == nullptr) {
    return;
  }
  if (!event.success) {
    log(log_line::warning_later("unable to unlink",
                                names_.recipients(event.channel, event.id)));
    if (message->finished) {
      finish_failed(event.id, *message);
    } else {
      put_back(event.channel, event.id, now_ + kFailedStep);
    }
    return;
  }
  message->place[event.channel] = Place::none;
  unmarked_.remove_all(event.id, event.channel);
  if (message->finished) {
    if (!message->held) {
      finish_step(event.id, *message);
    }
  } else if (message->all_through() && !message->todo_there()) {
    message->finished = true;
    finished_.push_back(event.id.number());
  }
}

// --- Deliveries ---

void Scheduler::start_delivery(Channel channel, const PassRecord& record) {
  const std::size_t number = pass_[channel]->job;
  Job& job = jobs_[number];
  ++job.deliveries;
  ++job.remaining;
  Delivery delivery;
  delivery.number = ++last_delivery_;
  delivery.job = number;
  delivery.offset = record.offset;
  delivery.recipient = record.recipient;
  const unsigned slot = slots_[channel].take(std::move(delivery));
  const std::string recipient(record.recipient);
  actions_.emplace_back(
      StartDelivery{channel, slot, job.id, verp_sender(job.sender, recipient), recipient});
  log(log_line::starting(last_delivery_, job.id, channel, recipient));
  log_status();
}

}  // namespace reqmail::scheduler
