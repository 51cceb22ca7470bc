#include "scheduler/passes.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "scheduler/log_lines.h"
#include "scheduler/router.h"

namespace reqmail::scheduler {

// --- The spawners ---

void Passes::on(const Started& event, Context& context) {
  for (const Channel channel : kChannels) {
    const auto limit =
        std::min<std::uint64_t>(limits_.concurrency[channel], event.spawner_limit[channel]);
    slots_[channel].set_limit(static_cast<unsigned>(limit));
  }
  note_places();
  log_status(context);
}

void Passes::on(const ChannelLost& event, Context& context) {
  if (std::exchange(alive_[event.channel], false)) {
    context.log(log_line::lost_spawner());
    context.end();
  }
}

void Passes::on(const ChannelWritable& event, Context& /*context*/) {
  writable_[event.channel] = event.writable;
}

bool Passes::at_rest() const {
  return std::all_of(kChannels.begin(), kChannels.end(), [this](Channel channel) {
    return !alive_[channel] || slots_[channel].running() == 0;
  });
}

void Passes::log_status(Context& context) const {
  PerChannel<log_line::Load> load;
  for (const Channel channel : kChannels) {
    load[channel] = log_line::Load{slots_[channel].running(), slots_[channel].limit()};
  }
  context.log(log_line::status(load, context.ending));
}

// --- Waiting ---

void Passes::on(const Alarm& /*event*/, Context& context) {
  for (const Channel channel : kChannels) {
    waiting_[channel].all_due(context.now.date);
  }
  deferred_.all_due(context.now.date);
}

void Passes::on(const Reread& event, Context& /*context*/) {
  domains_.set(event.domains);
}

void Passes::wait(Channel channel, MessageId id, Time due, Context& context) {
  if (Message* message = context.messages.find(id)) {
    message->place[channel] = Place::waiting;
    waiting_[channel].add(id, due);
  }
}

void Passes::shift_back(Seconds by) {
  for (const Channel channel : kChannels) {
    waiting_[channel].shift_back(by);
  }
  deferred_.shift_back(by);
}

std::optional<Time> Passes::first() const {
  std::optional<Time> first = earlier(busy_users_.first(), deferred_.first());
  for (const Channel channel : kChannels) {
    if (!pass_[channel]) {
      first = earlier(first, waiting_[channel].first());
    }
  }
  return first;
}

void Passes::keep_times(Context& context) const {
  for (const Channel channel : kChannels) {
    waiting_[channel].for_each([channel, &context](MessageId id, Time due) {
      const Message* message = context.messages.find(id);
      if (message != nullptr && message->place[channel] == Place::waiting) {
        context.act(Retime{channel, id, due});
      }
    });
  }
}

void Passes::on(const RetimeFailed& event, Context& context) {
  context.log(log_line::unable_to_utime(context.recipients(event.channel, event.id)));
}

// --- Passes ---

void Passes::turn(Context& context) {
  if (context.ending) {
    return;
  }
  for (const std::string& user : busy_users_.due(context.now.date)) {
    try_parked(user, context);
  }
  call(context);
  for (const Channel channel : kChannels) {
    step(channel, context);
  }
}

// Goes on until there is an action or nothing to do: a turn without action is the last one.
// Recipients that can go together start together.
void Passes::step(Channel channel, Context& context) {
  std::uint64_t to_start =
      channel == Channel::remote ? std::max<std::uint64_t>(limits_.together, 1) : 1;
  while (alive_[channel]) {
    if (!pass_[channel]) {
      open_pass(channel, context);
    }
    if (!pass_[channel]) {
      return;
    }
    Pass& pass = *pass_[channel];
    const auto record = record_at(pass);
    if (!record) {
      if (!end_of_chunk(channel, context)) {
        return;
      }
      continue;
    }
    switch (record->letter) {
    case 'D':
      advance(pass, *record);
      continue;
    case 'T':
      if (marks_.contains(jobs_[pass.job].id, channel, record->offset)) {
        advance(pass, *record);
        continue;
      }
      if (marks_.full() || slots_[channel].full() || !writable_[channel]) {
        return;
      }
      if (must_wait(channel, *record, context)) {
        advance(pass, *record);
        continue;
      }
      start_delivery(channel, *record, context);
      advance(pass, *record);
      if (--to_start == 0) {
        return;
      }
      continue;
    default:
      abandon_pass(channel, context);
      return;
    }
  }
}

// Returns whether the next message may be looked at in the same turn.
bool Passes::end_of_chunk(Channel channel, Context& context) {
  const Pass& pass = *pass_[channel];
  if (unfinished(pass)) {
    abandon_pass(channel, context);
    return false;
  }
  if (!pass.chunk.last) {
    context.act(
        ReadPass{channel, jobs_[pass.job].id, pass.chunk.offset + pass.chunk.records.size()});
    return false;
  }
  const std::size_t actions = context.actions.size();
  end_pass(channel, context);
  return context.actions.size() == actions;
}

void Passes::open_pass(Channel channel, Context& context) {
  while (const auto id = waiting_[channel].take_due(context.now.date)) {
    Message* message = context.messages.find(*id);
    if (message == nullptr || message->place[channel] != Place::waiting) {
      gone_through(channel, *id);
      continue;
    }
    message->place[channel] = Place::open;
    auto fresh = context.messages.take_fresh(*id, channel);
    if (!fresh) {
      context.act(OpenPass{channel, *id});
      return;
    }
    RecordChunk chunk;
    chunk.records = std::move(fresh->records);
    begin_pass(channel, *id, fresh->sender, fresh->birth, std::move(chunk), context);
    return;
  }
}

void Passes::begin_pass(Channel channel, MessageId id, std::string_view sender, Time birth,
                        RecordChunk chunk, Context& context) {
  const Time now = context.now.date;
  if (birth < kClockWasSet && now >= kClockWasSet) {
    // Queued before the clock was set: what its age is nobody knows.
    birth = now;
    context.act(SetBirth{id, birth});
  }
  Job job;
  job.id = id;
  job.channel = channel;
  job.sender = sender;
  job.retry = context.retry.next(birth, now, channel);
  job.birth = birth;
  job.dying = now > birth + limits_.lifetime;
  job.pass_open = true;
  if (channel == Channel::remote) {
    job.not_yet = deferred_.take(id);
  }
  pass_[channel] = Pass{jobs_.add(std::move(job)), {}, 0};
  begin_chunk(channel, std::move(chunk));
}

void Passes::begin_chunk(Channel channel, RecordChunk chunk) {
  Pass& pass = *pass_[channel];
  pass = Pass{pass.job, std::move(chunk), 0};
  if (channel == Channel::remote && limits_.together > 1) {
    put_hosts_together(pass, limits_.together);
  }
}

void Passes::on(const BirthNotSet& event, Context& context) {
  context.log(log_line::warning(base::concat(
      {"unable to utime ", context.info(event.id), "; the message's lifetime begins anew"})));
}

void Passes::on(const PassOpened& event, Context& context) {
  Message* message = context.messages.find(event.id);
  if (message == nullptr) {
    return;
  }
  const bool is_first = message->recipients == Recipients::unseen;
  if (!event.chunk.records.empty()) {
    message->recipients = Recipients::seen;
  } else if (event.chunk.last && !was_emptied(event, *message, context.now.date)) {
    context.log(log_line::warning(base::concat(
        {context.recipients(event.channel, event.id), " is empty; message kept"})));
    gone_through(event.channel, event.id);
    wait(event.channel, event.id, context.now.date + kKeptStep, context);
    return;
  }
  begin_pass(event.channel, event.id, event.sender, event.birth, event.chunk, context);
  set_wishes(event.channel, event, is_first, *message, context);
}

// qmail-send writes no empty list; what is empty has lost its recipients. But one that was
// found so at the start, is the only one and was changed well after the message was
// preprocessed has been emptied by the administrator, who wants to be rid of the message.
bool Passes::was_emptied(const PassOpened& event, const Message& message, Time now) {
  constexpr Seconds kPreprocessing(60);
  return message.recipients == Recipients::unseen &&
         message.place[other(event.channel)] == Place::none &&
         event.changed > event.birth + kPreprocessing && event.changed <= now;
}

void Passes::on(const PassRead& event, Context& /*context*/) {
  if (pass_[event.channel]) {
    begin_chunk(event.channel, event.chunk);
  }
}

void Passes::on(const PassFailed& event, Context& context) {
  const std::string file = context.recipients(event.channel, event.id);
  switch (event.fault) {
  case PassFault::info:
    context.log(log_line::warning_later("trouble opening", context.info(event.id)));
    break;
  case PassFault::open:
    context.log(log_line::warning_later("trouble opening", file));
    break;
  case PassFault::read:
    context.log(log_line::warning_later("trouble reading", file));
    break;
  }
  if (pass_[event.channel]) {
    put_off_rest(event.channel, context);
  } else {
    gone_through(event.channel, event.id);
    wait(event.channel, event.id, context.now.date + kFailedStep, context);
  }
}

// A record that is none.
void Passes::abandon_pass(Channel channel, Context& context) {
  const std::string file = context.recipients(channel, jobs_[pass_[channel]->job].id);
  context.log(log_line::warning(base::concat({"unknown record type in ", file, "!"})));
  put_off_rest(channel, context);
}

// The rest of the list is left for later.
void Passes::put_off_rest(Channel channel, Context& context) {
  Job& job = jobs_[pass_[channel]->job];
  job.retry = context.now.date + kFailedStep;
  job.deferred = true;
  job.unread = true;
  ++job.remaining;
  end_pass(channel, context);
}

void Passes::end_pass(Channel channel, Context& context) {
  const std::size_t number = pass_[channel]->job;
  pass_[channel].reset();
  jobs_[number].pass_open = false;
  gone_through(channel, jobs_[number].id);
  close_job_if_idle(number, context);
}

void Passes::close_job_if_idle(std::size_t number, Context& context) {
  Job& job = jobs_[number];
  if (job.pass_open || job.deliveries != 0) {
    return;
  }
  const MessageId id = job.id;
  const Channel channel = job.channel;
  const bool through = job.remaining == 0;
  const bool parked = !through && (park_for_domains(job) || park(job, context.now.date));
  const Time retry = earliest(job.put_off, job.retry);
  send_notices(job, context);
  jobs_.remove(number);
  Message& message = *context.messages.find(id);
  if (parked) {
    message.place[channel] = Place::parked;
  } else if (!through) {
    wait(channel, id, retry, context);
  } else if (!message.todo_there()) {
    context.act(RemoveRecipients{channel, id});
    return;
  } else {
    message.place[channel] = Place::through;
    if (message.all_through()) {
      context.messages.finish(id, message);
      return;
    }
  }
  // The message will stay.
  durability_.leave_todo_before_log(id, message, context);
}

// --- Deliveries ---

void Passes::start_delivery(Channel channel, const PassRecord& record, Context& context) {
  const std::size_t number = pass_[channel]->job;
  Job& job = jobs_[number];
  ++job.deliveries;
  ++job.remaining;
  Delivery delivery;
  delivery.number = ++last_delivery_;
  delivery.job = number;
  delivery.offset = record.offset;
  delivery.recipient = record.recipient;
  if (channel == Channel::remote && domains_.active()) {
    domains_.started(record.recipient, job.id, context.now.steady);
  }
  const unsigned slot = slots_[channel].take(std::move(delivery));
  note_places();
  const std::string recipient(record.recipient);
  context.act(
      StartDelivery{channel, slot, job.id, verp_sender(job.sender, recipient), recipient});
  context.log(log_line::starting(last_delivery_, job.id, channel, recipient));
  log_status(context);
}

void Passes::settle(Channel channel, unsigned slot, const Settlement& settlement,
                    Context& context) {
  Delivery& delivery = *slots_[channel].find(slot);
  const std::size_t number = delivery.job;
  Job& job = jobs_[number];
  const std::string& user = settlement.busy_user;
  if (settlement.done) {
    --job.remaining;
    context.act(MarkDone{channel, job.id, delivery.offset});
  } else if (!user.empty() &&
             busy_users_.refused(delivery.recipient, user, delivery.number, context.now.date)) {
    job.busy_users[user] = true;
  } else {
    job.deferred = true;
    if (channel == Channel::remote && domains_.active()) {
      job.put_off[delivery.offset] = job.retry;
    }
  }
  if (channel == Channel::remote && domains_.active()) {
    domains_.ended(delivery.recipient, settlement.answered, context.now.steady);
  }
  if (channel == Channel::local && user.empty()) {
    for (const std::string& free : busy_users_.ended(delivery.recipient, delivery.number)) {
      try_parked(free, context);
    }
  }
  --job.deliveries;
  slots_[channel].release(slot);
  note_places();
  close_job_if_idle(number, context);
  log_status(context);
}

}  // namespace reqmail::scheduler
