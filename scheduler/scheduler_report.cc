// What comes back from the spawners: marks, notes of failures, places for the next delivery.

#include <map>
#include <utility>

#include "base/text.h"
#include "mail/verdict_codec.h"
#include "scheduler/bounce_text.h"
#include "scheduler/scheduler.h"

namespace reqmail::scheduler {

namespace {

// The user whom qmail-lspawn calls busy; empty where it says something else.
std::string busy_user(Channel channel, const Report& report) {
  if (channel != Channel::local || report.verdict != Verdict::deferral) {
    return {};
  }
  return std::string(mail::busy_user(base::concat({"Z", report.text})).value_or(""));
}

}  // namespace

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

}  // namespace reqmail::scheduler
