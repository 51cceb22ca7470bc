#include "scheduler/endings.h"

#include <string>

#include "base/text.h"
#include "mail/clean_command.h"
#include "mail/queue_names.h"
#include "scheduler/log_lines.h"
#include "scheduler/schedule.h"

namespace reqmail::scheduler {

namespace {

// "todo/7" or "foop/7".
std::string clean_name(const CleanAnswered& event) {
  std::string command = mail::clean_command({event.kind, event.id});
  command.pop_back();
  return command;
}

// The line for what has become of a bounce; empty if there is none.
std::string line_of(const BounceInjected& event, const Context& context) {
  switch (event.outcome) {
  case BounceOutcome::sent:
  case BounceOutcome::not_removed_sent:
    return log_line::bounced(event.id, event.pid);
  case BounceOutcome::discarded:
  case BounceOutcome::not_removed_discarded:
    return log_line::triple_bounce(event.id);
  case BounceOutcome::double_discarded:
  case BounceOutcome::not_removed_double_discarded:
    return log_line::double_bounce(event.id);
  case BounceOutcome::no_info:
    return log_line::warning_later("trouble opening", context.info(event.id));
  case BounceOutcome::not_started:
    return log_line::warning("unable to start qmail-queue, will try later");
  case BounceOutcome::not_examined:
    return log_line::warning(base::concat(
        {"unable to stat ", context.queue.path(mail::QueueKind::bounce, event.id)}));
  case BounceOutcome::trouble:
    return log_line::warning("trouble injecting bounce message, will try later");
  case BounceOutcome::none:
  case BounceOutcome::removed:
  case BounceOutcome::not_removed:
  case BounceOutcome::left:
    break;
  }
  return {};
}

// What the message's bounce is after that.
Bounce state_after(BounceOutcome outcome) {
  switch (outcome) {
  case BounceOutcome::none:
  case BounceOutcome::sent:
  case BounceOutcome::discarded:
  case BounceOutcome::double_discarded:
  case BounceOutcome::removed:
    return Bounce::none;
  case BounceOutcome::not_removed_sent:
  case BounceOutcome::not_removed_discarded:
  case BounceOutcome::not_removed_double_discarded:
  case BounceOutcome::not_removed:
    return Bounce::sent;
  case BounceOutcome::no_info:
  case BounceOutcome::not_examined:
  case BounceOutcome::not_started:
  case BounceOutcome::trouble:
  case BounceOutcome::left:
    break;
  }
  return Bounce::possible;
}

}  // namespace

// --- The clock ---

void Endings::on(const Started& /*event*/, Context& context) {
  sweep_ = context.now.steady;
}

void Endings::timers(Context& context) {
  if (sweep_ && *sweep_ <= context.now.steady) {
    sweep_ = context.now.steady + kSweepInterval;
    context.act(SweepLeftovers{});
  }
  while (const auto id = again_.take_due(context.now.steady)) {
    context.messages.finish_again(MessageId(*id));
  }
}

void Endings::turn(Context& context) {
  const std::size_t actions = context.actions.size();
  while (context.actions.size() == actions) {
    const auto id = context.messages.take_leaving();
    if (!id) {
      return;
    }
    if (Message* message = context.messages.find(*id)) {
      if (message->end == End::put_off) {
        message->end = End::due;
      }
      step(*id, *message, context);
    }
  }
}

void Endings::end(Context& context) {
  again_.clear();
  sweep_.reset();
  context.act(HurryBounces{});
}

bool Endings::at_rest(const Context& context) const {
  return !below_.gate.any_bounce_running() && !context.messages.any_leaving() &&
         context.reporting.empty() && below_.clean.at_rest() && context.messages.syncing() == 0;
}

// --- Steps ---

// The next step of a message that leaves. Answers to actions lead back here.
void Endings::step(MessageId id, Message& message, Context& context) {
  if (message.bounce == Bounce::running || context.reporting.contains(id.number()) ||
      message.stage == Stage::syncing || message.stage == Stage::cleaning ||
      message.stage == Stage::ending) {
    return;
  }
  if (!below_.clean.alive()) {
    // The next qmail-send finds it finished and ends it; mess/N alone it would not find.
    return;
  }
  if (message.stage == Stage::queued && remove_recipients(id, message, context)) {
    return;
  }
  if (message.bounce != Bounce::none) {
    bounce(id, message, context);
    return;
  }
  if (const std::string file = below_.intake.take_foreign(id); !file.empty()) {
    forget(id, context);
    below_.intake.keep_stranded(id, file, context);
    return;
  }
  if (message.end != End::without_info) {
    context.act(RemoveInfo{id});
    return;
  }
  const bool todo = message.todo_there();
  context.messages.set_stage(message, todo ? Stage::cleaning : Stage::ending);
  below_.clean.ask(todo ? mail::CleanKind::todo : mail::CleanKind::foop, id, context);
}

// Returns whether there was a file.
bool Endings::remove_recipients(MessageId id, const Message& message, Context& context) {
  for (const Channel channel : kChannels) {
    if (message.place[channel] == Place::through) {
      context.act(RemoveRecipients{channel, id});
      return true;
    }
  }
  return false;
}

void Endings::bounce(MessageId id, Message& message, Context& context) {
  const bool sent = message.bounce == Bounce::sent;
  message.bounce = Bounce::running;
  below_.gate.bounce_began();
  context.act(InjectBounce{id, sent});
}

// The rest is done later, with all that may have changed meanwhile.
void Endings::put_off(MessageId id, Message& message, Context& context) {
  below_.gate.open_for(id);
  if (message.end != End::without_info) {
    message.end = End::put_off;
  }
  if (!context.ending) {
    again_.add(context.now.steady + kFailedStep, id.number());
  }
}

// A message that has its info/N leaves todo meanwhile.
void Endings::put_off_and_stay(MessageId id, Message& message, Context& context) {
  put_off(id, message, context);
  if (message.end == End::put_off) {
    below_.durability.leave_todo(id, message, context);
  }
}

void Endings::forget(MessageId id, Context& context) {
  below_.gate.open_for(id);
  context.messages.erase(id);
}

// --- Answers ---

void Endings::on(const RecipientsRemoved& event, Context& context) {
  Message* message = context.messages.find(event.id);
  if (message == nullptr) {
    return;
  }
  if (!event.success) {
    context.log(log_line::warning_later("unable to unlink",
                                        context.recipients(event.channel, event.id)));
    if (message->bounce == Bounce::running) {
      // It is tried again when that is over.
      return;
    }
    if (message->end != End::none) {
      put_off_and_stay(event.id, *message, context);
    } else {
      below_.passes.wait(event.channel, event.id, context.now.date + kFailedStep, context);
    }
    return;
  }
  message->place[event.channel] = Place::none;
  below_.marks.forget(event.id, event.channel);
  if (message->is_leaving()) {
    step(event.id, *message, context);
  } else if (message->end == End::none && message->all_through() && !message->todo_there()) {
    context.messages.finish(event.id, *message);
  }
}

void Endings::on(const BounceInjected& event, Context& context) {
  below_.gate.bounce_ended();
  Message* message = context.messages.find(event.id);
  if (message == nullptr) {
    return;
  }
  message->bounce = state_after(event.outcome);
  if (std::string line = line_of(event, context); !line.empty()) {
    context.log(std::move(line));
  }
  if (message->bounce == Bounce::sent) {
    context.log(log_line::warning(base::concat(
        {"unable to unlink ", context.queue.path(mail::QueueKind::bounce, event.id)})));
  }
  if (message->bounce != Bounce::none) {
    put_off_and_stay(event.id, *message, context);
    return;
  }
  if (event.outcome == BounceOutcome::sent) {
    // The bounce is in todo already; its lines come after this message's last.
    below_.gate.close_for(event.id);
  }
  step(event.id, *message, context);
}

void Endings::on(const NoticeSent& event, Context& context) {
  if (const auto one = context.reporting.find(event.id.number());
      one != context.reporting.end()) {
    context.reporting.erase(one);
  }
  context.log(event.success ? log_line::reported(event.id, event.pid)
                            : log_line::warning(base::concat(
                                  {"unable to queue a report on msg ", event.id.text()})));
  Message* message = context.messages.find(event.id);
  if (message != nullptr && message->is_leaving()) {
    step(event.id, *message, context);
  }
}

void Endings::on(const InfoRemoved& event, Context& context) {
  Message* message = context.messages.find(event.id);
  if (message == nullptr) {
    return;
  }
  if (!event.success) {
    context.log(log_line::end_message(event.id));
    context.log(log_line::warning_later("unable to unlink", context.info(event.id)));
    put_off_and_stay(event.id, *message, context);
    return;
  }
  message->end = End::without_info;
  step(event.id, *message, context);
}

void Endings::on(const Synced& event, Context& context) {
  if (below_.durability.on(event, context)) {
    step(event.id, *context.messages.find(event.id), context);
  }
}

// --- qmail-clean ---

void Endings::on(const CleanAnswered& event, Context& context) {
  below_.clean.answered();
  if (event.kind == mail::CleanKind::foop) {
    mess_cleaned(event.id, context);
  }
  if (!event.success) {
    context.log(log_line::unable_to_clean(clean_name(event)));
  }
  if (event.kind == mail::CleanKind::foop || !below_.durability.todo_cleaned(event, context)) {
    return;
  }
  Message& message = *context.messages.find(event.id);
  if (event.success) {
    step(event.id, message, context);
  } else {
    put_off(event.id, message, context);
  }
}

void Endings::mess_cleaned(MessageId id, Context& context) {
  if (context.messages.find(id) != nullptr) {
    context.log(log_line::end_message(id));
    forget(id, context);
  }
}

void Endings::on(const CleanLost& /*event*/, Context& context) {
  if (!below_.clean.lose()) {
    return;
  }
  context.messages.for_each([&context](MessageId id, const Message& message) {
    if (message.stage == Stage::ending) {
      // Only mess/N is left of it.
      context.log(log_line::end_message(id));
    }
  });
  context.log(log_line::lost_clean());
  context.end();
}

void Endings::on(const LeftoverFound& event, Context& context) {
  if (!context.ending && context.messages.find(event.id) == nullptr) {
    context.act(RemoveStrays{event.id});
    below_.clean.ask(mail::CleanKind::foop, event.id, context);
  }
}

}  // namespace reqmail::scheduler
