// Passes over the recipients, deliveries, reports.

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "mail/verdict_codec.h"
#include "send/bounce_text.h"
#include "send/scheduler.h"

namespace reqmail::send {

namespace {

// The user whom qmail-lspawn calls busy; empty where it says something else.
std::string busy_user(Channel channel, const Report& report) {
  if (channel != Channel::local || report.verdict != Verdict::deferral) {
    return {};
  }
  return std::string(mail::busy_user(base::concat({"Z", report.text})).value_or(""));
}

}  // namespace

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

// --- Reports ---

void Scheduler::on(const Reported& event) {
  for (Report& report : readers_[event.channel].feed(event.bytes)) {
    accept_report(event.channel, std::move(report));
  }
  note_failures();
  deal_with_reports();
}

void Scheduler::accept_report(Channel channel, Report report) {
  Pending pending;
  pending.channel = channel;
  Delivery* delivery = slots_[channel].find(report.slot);
  if (delivery != nullptr && !delivery->reported) {
    pending.known = true;
    delivery->reported = true;
    pending.busy_user = busy_user(channel, report);
    if (report.verdict == Verdict::deferral && jobs_[delivery->job].dying &&
        pending.busy_user.empty()) {
      report.verdict = Verdict::failure;
      report.text.append(kTooLong);
    }
    if (report.verdict == Verdict::failure) {
      pending.state = Pending::State::unsent;
    }
  }
  pending.report = std::move(report);
  reports_.push_back(std::move(pending));
}

// Failures go to bounce/N, durably, before the recipient is marked done; several of one message
// in one go.
void Scheduler::note_failures() {
  std::map<std::uint64_t, std::string> paragraphs;
  for (Pending& pending : reports_) {
    if (pending.state != Pending::State::unsent) {
      continue;
    }
    const Delivery& delivery = *slots_[pending.channel].find(pending.report.slot);
    const std::uint64_t id = jobs_[delivery.job].id.number();
    if (noting_.contains(id)) {
      continue;
    }
    pending.state = Pending::State::sent;
    paragraphs[id].append(
        bounce_paragraph(router_.without_prepend(delivery.recipient), pending.report.text));
  }
  for (auto& [id, paragraph] : paragraphs) {
    noting_.insert(id);
    if (Message* message = find(MessageId(id))) {
      message->may_bounce = true;
    }
    actions_.emplace_back(AppendBounce{MessageId(id), std::move(paragraph)});
  }
}

void Scheduler::on(const BounceNoted& event) {
  noting_.erase(event.id.number());
  for (Pending& pending : reports_) {
    if (pending.state == Pending::State::sent &&
        jobs_[slots_[pending.channel].find(pending.report.slot)->job].id == event.id) {
      pending.state = event.success ? Pending::State::ready : Pending::State::refused;
    }
  }
  note_failures();
  deal_with_reports();
}

// In the order in which they came; but a failure that could not be noted down holds up no
// other.
void Scheduler::deal_with_reports() {
  for (auto pending = reports_.begin(); pending != reports_.end();) {
    if (deal_with(*pending)) {
      pending = reports_.erase(pending);
    } else if (pending->logged) {
      ++pending;
    } else {
      return;
    }
  }
}

// Whether the report is done with.
bool Scheduler::deal_with(Pending& pending) {
  if (!pending.known) {
    log(log_line::report_out_of_range());
    return true;
  }
  Delivery& delivery = *slots_[pending.channel].find(pending.report.slot);
  const std::string& text = pending.report.text;
  switch (pending.report.verdict) {
  case Verdict::success:
    log(log_line::success(delivery.number, text));
    settle(pending, delivery, true);
    return true;
  case Verdict::deferral:
    log(log_line::deferral(delivery.number, text));
    settle(pending, delivery, false);
    return true;
  case Verdict::mangled:
    log(log_line::mangled(delivery.number));
    settle(pending, delivery, false);
    return true;
  case Verdict::failure:
    break;
  }
  if (pending.state == Pending::State::ready) {
    if (!pending.logged) {
      log(log_line::failure(delivery.number, text));
    }
    settle(pending, delivery, true);
    return true;
  }
  if (pending.state == Pending::State::refused) {
    refuse_bounce(pending, delivery.number);
    if (exiting_) {
      settle(pending, delivery, false);
      return true;
    }
  }
  return false;
}

// The failure cannot be noted down: nothing is marked. It is tried again later, with one alert
// each time however many there are.
void Scheduler::refuse_bounce(Pending& pending, std::uint64_t delivery) {
  const bool first = !std::exchange(pending.logged, true);
  if (first) {
    log(log_line::failure(delivery, pending.report.text));
  }
  if (exiting_ ? first : !note_again_) {
    log(log_line::unable_to_append_bounce());
  }
  if (!exiting_ && !note_again_) {
    note_again_ = now_ + kAlertSleep;
  }
}

void Scheduler::settle(Pending& pending, Delivery& delivery, bool done) {
  const std::size_t number = delivery.job;
  Job& job = jobs_[number];
  if (done) {
    --job.remaining;
    actions_.emplace_back(MarkDone{pending.channel, job.id, delivery.offset});
  } else if (!pending.busy_user.empty() &&
             busy_users_.refused(delivery.recipient, pending.busy_user, delivery.number,
                                 now_)) {
    job.busy_users[pending.busy_user] = true;
  } else {
    job.deferred = true;
  }
  if (pending.channel == Channel::local && pending.busy_user.empty()) {
    for (const std::string& user : busy_users_.ended(delivery.recipient, delivery.number)) {
      try_parked(user);
    }
  }
  --job.deliveries;
  slots_[pending.channel].release(pending.report.slot);
  close_job_if_idle(number);
  log_status();
}

// Has the message wait for the users that a job left; false where one of them is not busy any
// more: his place became free while the rest of the message was under way.
bool Scheduler::park(Job& job) {
  bool all = true;
  for (const auto& [user, was_refused] : job.busy_users) {
    all = busy_users_.park(user, job.id, was_refused) && all;
  }
  if (!all) {
    job.retry = now_;
  }
  return all;
}

// Another delivery of this user may begin: of the first message that is there still.
void Scheduler::try_parked(const std::string& user) {
  while (const auto id = busy_users_.take(user)) {
    const Message* message = find(*id);
    if (message != nullptr && message->parked) {
      busy_users_.allow(user);
      put_back(Channel::local, *id, now_);
      return;
    }
  }
}

void Scheduler::on(const MarkFailed& event) {
  log(log_line::trouble_marking(names_.recipients(event.channel, event.id)));
  if (unmarked_.empty()) {
    later(Again::mark, event.id);
  }
  unmarked_.add({event.id.number(), event.channel, event.offset});
}

void Scheduler::mark_again() {
  for (const Unmarked::Recipient& recipient : unmarked_.all()) {
    actions_.emplace_back(
        MarkAgain{recipient.channel, MessageId(recipient.message), recipient.offset});
  }
  if (!unmarked_.empty() && !exiting_) {
    later(Again::mark, MessageId(0));
  }
}

void Scheduler::on(const MarkedAgain& event) {
  if (event.success) {
    unmarked_.remove({event.id.number(), event.channel, event.offset});
  }
}

}  // namespace reqmail::send
