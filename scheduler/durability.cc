#include "scheduler/durability.h"

#include <utility>

#include "base/text.h"
#include "scheduler/log_lines.h"
#include "scheduler/schedule.h"

namespace reqmail::scheduler {

namespace {

// A message whose end does not wait for its files to be durable.
bool is_at_its_end(const Message& message) {
  return message.is_leaving() && message.bounce != Bounce::running;
}

}  // namespace

void Durability::begin(MessageId id, const Context& context) {
  timers_.add(context.now.steady + kGrace, Due{Again::grace, id.number()});
}

void Durability::leave_todo(MessageId id, Message& message, Context& context) {
  switch (message.stage) {
  case Stage::written:
  case Stage::unsure:
    start_sync(id, message, context);
    break;
  case Stage::durable:
    ask_clean(id, message, context);
    break;
  case Stage::syncing:
  case Stage::cleaning:
  case Stage::queued:
  case Stage::ending:
    break;
  }
}

void Durability::leave_todo_before_log(MessageId id, Message& message, Context& context) {
  // What has failed before is tried again in its time.
  if (message.stage == Stage::written) {
    start_sync(id, message, context);
    context.log_hold.hold(id, context.now.steady);
  }
}

void Durability::start_sync(MessageId id, Message& message, Context& context) {
  SyncMessage sync{id, {}, message.stage == Stage::unsure};
  for (const Channel channel : kChannels) {
    sync.recipients[channel] = message.place[channel] != Place::none;
  }
  context.messages.set_stage(message, Stage::syncing);
  context.act(sync);
}

void Durability::ask_clean(MessageId id, Message& message, Context& context) {
  context.messages.set_stage(message, Stage::cleaning);
  clean_.ask(mail::CleanKind::todo, id, context);
}

bool Durability::on(const Synced& event, Context& context) {
  Message* message = context.messages.find(event.id);
  if (message == nullptr || message->stage != Stage::syncing) {
    return false;
  }
  context.messages.set_stage(*message, event.success ? Stage::durable : Stage::unsure);
  if (!event.success) {
    context.log_hold.release(event.id);
  }
  if (is_at_its_end(*message)) {
    return true;
  }
  if (event.success) {
    ask_clean(event.id, *message, context);
    return false;
  }
  context.log(log_line::warning(base::concat({"trouble fsyncing ", context.info(event.id)})));
  timers_.add(context.now.steady + kFailedStep, Due{Again::sync, event.id.number()});
  return false;
}

bool Durability::todo_cleaned(const CleanAnswered& event, Context& context) {
  context.log_hold.release(event.id);
  Message* message = context.messages.find(event.id);
  if (message == nullptr) {
    return false;
  }
  if (event.success) {
    context.messages.set_stage(*message, Stage::queued);
    if (is_at_its_end(*message)) {
      return true;
    }
    for (const Channel channel : kChannels) {
      if (message->place[channel] == Place::through) {
        context.act(RemoveRecipients{channel, event.id});
      }
    }
    return false;
  }
  // Without info/N the files were never synced.
  const bool synced = message->end != End::without_info;
  context.messages.set_stage(*message, synced ? Stage::durable : Stage::written);
  if (is_at_its_end(*message)) {
    return true;
  }
  if (!context.ending) {
    timers_.add(context.now.steady + kFailedStep, Due{Again::clean, event.id.number()});
  }
  return false;
}

void Durability::turn(Context& context) {
  while (const auto due = timers_.take_due(context.now.steady)) {
    try_again(*due, context);
  }
}

void Durability::try_again(const Due& due, Context& context) {
  const MessageId id(due.id);
  Message* message = context.messages.find(id);
  if (message == nullptr || is_at_its_end(*message)) {
    return;
  }
  const Stage stage = due.what == Again::grace  ? Stage::written
                      : due.what == Again::sync ? Stage::unsure
                                                : Stage::durable;
  if (message->stage == stage) {
    leave_todo(id, *message, context);
  }
}

void Durability::end(Context& context) {
  timers_.clear();
  context.messages.for_each([this, &context](MessageId id, Message& message) {
    if (message.end == End::none && message.stage != Stage::unsure) {
      leave_todo(id, message, context);
    }
  });
}

std::optional<Steady> Durability::first() const {
  return timers_.first();
}

}  // namespace reqmail::scheduler
