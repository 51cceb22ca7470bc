#include "scheduler/reports.h"

#include <map>
#include <utility>

#include "base/text.h"
#include "mail/verdict_codec.h"
#include "scheduler/bounce_text.h"
#include "scheduler/log_lines.h"
#include "scheduler/schedule.h"

namespace reqmail::scheduler {

namespace {

// The user whom qmail-lspawn calls busy; empty if it says something else.
std::string busy_user(Channel channel, const Report& report) {
  if (channel != Channel::local || report.verdict != Verdict::deferral) {
    return {};
  }
  return std::string(
      mail::busy_user(mail::report(mail::Grade::temporary, report.text)).value_or(""));
}

// Returns whether there is somebody to be told something: nobody is told of bounces.
bool has_author(std::string_view sender) {
  return bounce_kind(sender) == BounceKind::to_sender;
}

}  // namespace

void Reports::on(const Reported& event, Context& context) {
  for (Report& report : readers_[event.channel].feed(event.bytes)) {
    accept(event.channel, std::move(report));
  }
  note_failures(context);
  settle_all(context);
}

void Reports::accept(Channel channel, Report report) {
  Pending pending;
  pending.channel = channel;
  Delivery* delivery = passes_.delivery(channel, report.slot);
  if (delivery != nullptr && !delivery->reported) {
    delivery->reported = true;
    pending.busy_user = busy_user(channel, report);
    pending.answered = report.verdict == Verdict::success || report.verdict == Verdict::failure;
    if (report.verdict == Verdict::deferral && passes_.job_of(*delivery).dying &&
        pending.busy_user.empty()) {
      report.verdict = Verdict::failure;
      report.text.append(kTooLong);
    }
    const bool is_noted = report.verdict == Verdict::failure && wishes(*delivery).failure;
    pending.state = is_noted ? Pending::State::unsent : Pending::State::ready;
  }
  pending.report = std::move(report);
  pending_.push_back(std::move(pending));
}

MessageId Reports::message_of(const Pending& pending) const {
  return passes_.job_of(*passes_.delivery(pending.channel, pending.report.slot)).id;
}

// --- Notes of failures ---

void Reports::note_failures(Context& context) {
  std::map<std::uint64_t, std::string> paragraphs;
  for (Pending& pending : pending_) {
    if (pending.state != Pending::State::unsent ||
        noting_.contains(message_of(pending).number())) {
      continue;
    }
    pending.state = Pending::State::sent;
    const Delivery& delivery = *passes_.delivery(pending.channel, pending.report.slot);
    paragraphs[message_of(pending).number()].append(
        bounce_paragraph(router_.without_prepend(delivery.recipient), pending.report.text));
  }
  for (auto& [id, paragraph] : paragraphs) {
    noting_.insert(id);
    if (Message* message = context.messages.find(MessageId(id))) {
      message->bounce = Bounce::possible;
    }
    context.act(AppendBounce{MessageId(id), std::move(paragraph)});
  }
}

void Reports::on(const BounceNoted& event, Context& context) {
  noting_.erase(event.id.number());
  for (Pending& pending : pending_) {
    if (pending.state == Pending::State::sent && message_of(pending) == event.id) {
      pending.state = event.success ? Pending::State::ready : Pending::State::refused;
    }
  }
  note_failures(context);
  settle_all(context);
}

void Reports::turn(Context& context) {
  if (!again_ || *again_ > context.now.steady) {
    return;
  }
  again_.reset();
  for (Pending& pending : pending_) {
    if (pending.state == Pending::State::refused) {
      pending.state = Pending::State::unsent;
    }
  }
  note_failures(context);
}

void Reports::end(Context& context) {
  again_.reset();
  settle_all(context);
}

// --- What senders want to be told ---

// Returns what is wanted for a recipient; null if nothing was said. The client may have named
// it without a domain, or with a percent sign.
const mail::DsnRecipient* Reports::wish(const Delivery& delivery) const {
  const Job& job = passes_.job_of(delivery);
  if (!job.dsn) {
    return nullptr;
  }
  const std::string_view name = router_.without_prepend(delivery.recipient);
  if (const mail::DsnRecipient* exact = job.dsn->find(name)) {
    return exact;
  }
  for (const mail::DsnRecipient& one : job.dsn->recipients) {
    const bool is_rewritten = one.address.find('@') == std::string::npos ||
                              one.address.find('%') != std::string::npos;
    if (is_rewritten && router_.route(one.address).recipient == delivery.recipient) {
      return &one;
    }
  }
  return nullptr;
}

// Without other words a sender wants to be told of failures.
mail::DsnNotify Reports::wishes(const Delivery& delivery) const {
  const mail::DsnRecipient* recipient = wish(delivery);
  return recipient != nullptr && recipient->notify ? *recipient->notify
                                                   : mail::DsnNotify{false, true, false};
}

void Reports::note(const Pending& pending, DsnAction action) {
  const Delivery& delivery = *passes_.delivery(pending.channel, pending.report.slot);
  const std::string recipient(router_.without_prepend(delivery.recipient));
  passes_.note(delivery, {action, recipient, wish(delivery)->original, pending.report.text});
}

void Reports::note_success(const Pending& pending) {
  const Delivery& delivery = *passes_.delivery(pending.channel, pending.report.slot);
  if (!wishes(delivery).success || !has_author(passes_.job_of(delivery).sender)) {
    return;
  }
  if (pending.channel == Channel::local) {
    note(pending, DsnAction::delivered);
  } else if (!server_reports(pending.report.text)) {
    note(pending, DsnAction::relayed);
  }
}

void Reports::note_delay(const Pending& pending) {
  const Delivery& delivery = *passes_.delivery(pending.channel, pending.report.slot);
  const Job& job = passes_.job_of(delivery);
  if (job.late && wishes(delivery).delay && has_author(job.sender)) {
    note(pending, DsnAction::delayed);
  }
}

// --- Settling ---

// In the order in which they came; but a failure that could not be noted down holds up no
// other.
void Reports::settle_all(Context& context) {
  for (auto pending = pending_.begin(); pending != pending_.end();) {
    if (settle(*pending, context)) {
      pending = pending_.erase(pending);
    } else if (pending->logged) {
      ++pending;
    } else {
      return;
    }
  }
}

// Returns whether the report is settled.
bool Reports::settle(Pending& pending, Context& context) {
  if (pending.state == Pending::State::stray) {
    context.log(log_line::report_out_of_range());
    return true;
  }
  const std::uint64_t number = passes_.delivery(pending.channel, pending.report.slot)->number;
  switch (pending.report.verdict) {
  case Verdict::success:
    context.log(log_line::success(number, pending.report.text));
    note_success(pending);
    settle_as(pending, true, context);
    return true;
  case Verdict::deferral:
    context.log(log_line::deferral(number, pending.report.text));
    note_delay(pending);
    settle_as(pending, false, context);
    return true;
  case Verdict::mangled:
    context.log(log_line::mangled(number));
    settle_as(pending, false, context);
    return true;
  case Verdict::failure:
    break;
  }
  return settle_failure(pending, context);
}

bool Reports::settle_failure(Pending& pending, Context& context) {
  const bool ready = pending.state == Pending::State::ready;
  const bool refused = pending.state == Pending::State::refused;
  if (!ready && !refused) {
    return false;
  }
  const bool first = !std::exchange(pending.logged, true);
  if (first) {
    const std::uint64_t number = passes_.delivery(pending.channel, pending.report.slot)->number;
    context.log(log_line::failure(number, pending.report.text));
  }
  if (refused) {
    // Nothing is marked.
    if (context.ending ? first : !again_) {
      context.log(log_line::unable_to_append_bounce());
    }
    if (!context.ending) {
      again_ = again_.value_or(context.now.steady + kAlertSleep);
      return false;
    }
  }
  settle_as(pending, ready, context);
  return true;
}

void Reports::settle_as(const Pending& pending, bool done, Context& context) {
  passes_.settle(pending.channel, pending.report.slot,
                 {done, pending.answered, pending.busy_user}, context);
}

}  // namespace reqmail::scheduler
