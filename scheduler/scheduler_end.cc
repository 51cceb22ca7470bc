// How a message leaves the queue (the order of steps stands in scheduler.h).

#include <string>
#include <utility>

#include "base/text.h"
#include "scheduler/scheduler.h"

namespace reqmail::scheduler {

void Scheduler::finish(MessageId id) {
  if (Message* message = find(id)) {
    message->held = false;
    finish_step(id, *message);
  }
}

// The next step of a finished message. Answers to actions lead back here.
void Scheduler::finish_step(MessageId id, Message& message) {
  if (message.bounce_running || message.stage == Stage::syncing ||
      message.stage == Stage::cleaning || message.stage == Stage::ending) {
    return;
  }
  if (!clean_alive_) {
    // The next qmail-send finds it finished and ends it; mess/N alone it would not find.
    return;
  }
  if (message.stage == Stage::queued) {
    for (const Channel channel : kChannels) {
      if (message.place[channel] == Place::through) {
        actions_.emplace_back(RemoveRecipients{channel, id});
        return;
      }
    }
  }
  if (message.may_bounce) {
    message.bounce_running = true;
    ++bounces_out_;
    actions_.emplace_back(InjectBounce{id, message.bounce_sent});
    return;
  }
  if (const auto foreign = foreign_.find(id.number()); foreign != foreign_.end()) {
    const std::string file = std::move(foreign->second);
    foreign_.erase(foreign);
    release_todo(message);
    messages_.erase(id.number());
    keep_stranded(id, file);
    return;
  }
  if (!message.info_removed) {
    actions_.emplace_back(RemoveInfo{id});
    return;
  }
  if (message.stage == Stage::written) {
    set_stage(message, Stage::cleaning);
    ask_clean(CleanKind::todo, id);
    return;
  }
  set_stage(message, Stage::ending);
  ask_clean(CleanKind::foop, id);
}

void Scheduler::on(const BounceInjected& event) {
  --bounces_out_;
  Message* message = find(event.id);
  if (message == nullptr) {
    return;
  }
  message->bounce_running = false;
  switch (event.outcome) {
  case BounceOutcome::sent:
  case BounceOutcome::not_removed_sent:
    log(log_line::bounced(event.id, event.pid));
    break;
  case BounceOutcome::discarded:
  case BounceOutcome::not_removed_discarded:
    log(log_line::triple_bounce(event.id));
    break;
  case BounceOutcome::no_info:
    log(log_line::warning_later("trouble opening", names_.info(event.id)));
    break;
  case BounceOutcome::not_started:
    log(log_line::warning("unable to start qmail-queue, will try later"));
    break;
  case BounceOutcome::not_examined:
    log(log_line::warning(base::concat({"unable to stat ", FileNames::bounce(event.id)})));
    break;
  case BounceOutcome::trouble:
    log(log_line::warning("trouble injecting bounce message, will try later"));
    break;
  case BounceOutcome::none:
  case BounceOutcome::removed:
  case BounceOutcome::not_removed:
  case BounceOutcome::left:
    break;
  }
  if (event.outcome == BounceOutcome::not_removed_sent ||
      event.outcome == BounceOutcome::not_removed_discarded ||
      event.outcome == BounceOutcome::not_removed) {
    message->bounce_sent = true;
    log(log_line::warning(base::concat({"unable to unlink ", FileNames::bounce(event.id)})));
  }
  if (event.outcome == BounceOutcome::none || event.outcome == BounceOutcome::discarded ||
      event.outcome == BounceOutcome::sent || event.outcome == BounceOutcome::removed) {
    message->may_bounce = false;
    if (event.outcome == BounceOutcome::sent && !message->holds_todo) {
      // The bounce is in todo already; its lines come behind this message's last.
      message->holds_todo = true;
      ++todo_holders_;
    }
    finish_step(event.id, *message);
    return;
  }
  finish_failed(event.id, *message);
}

void Scheduler::on(const InfoRemoved& event) {
  Message* message = find(event.id);
  if (message == nullptr) {
    return;
  }
  if (!event.success) {
    log(log_line::end_message(event.id));
    log(log_line::warning_later("unable to unlink", names_.info(event.id)));
    finish_failed(event.id, *message);
    return;
  }
  message->info_removed = true;
  finish_step(event.id, *message);
}

// A step failed: all of them again, later. A message with a todo/N leaves it meanwhile.
void Scheduler::finish_failed(MessageId id, Message& message) {
  release_todo(message);
  message.held = true;
  if (!exiting_) {
    later(Again::finish, id);
  }
  if (message.stage == Stage::written && !message.info_removed && !message.synced &&
      !message.rewrite) {
    start_sync(id, message, false);
  }
}

void Scheduler::release_todo(Message& message) {
  if (message.holds_todo) {
    message.holds_todo = false;
    --todo_holders_;
  }
}

void Scheduler::ask_clean(CleanKind kind, MessageId id) {
  if (clean_alive_) {
    ++cleans_out_;
    actions_.emplace_back(AskClean{kind, id});
  }
}

void Scheduler::on(const CleanAnswered& event) {
  --cleans_out_;
  Message* message = find(event.id);
  if (event.kind == CleanKind::foop) {
    if (message != nullptr) {
      mess_cleaned(event.id);
    }
    if (!event.success) {
      log(log_line::unable_to_clean(FileNames::foop(event.id)));
    }
    return;
  }
  if (!event.success) {
    log(log_line::unable_to_clean(FileNames::todo(event.id)));
  }
  if (message == nullptr) {
    return;
  }
  if (event.success) {
    todo_cleaned(event.id, *message);
    return;
  }
  set_stage(*message, Stage::written);
  if (message->finished) {
    finish_failed(event.id, *message);
  } else if (!exiting_) {
    later(Again::clean_todo, event.id);
  }
}

void Scheduler::todo_cleaned(MessageId id, Message& message) {
  set_stage(message, Stage::queued);
  if (message.finished && !message.held) {
    finish_step(id, message);
    return;
  }
  for (const Channel channel : kChannels) {
    if (message.place[channel] == Place::through) {
      actions_.emplace_back(RemoveRecipients{channel, id});
    }
  }
}

void Scheduler::mess_cleaned(MessageId id) {
  Message& message = *find(id);
  log(log_line::end_message(id));
  release_todo(message);
  const bool again = message.todo_again;
  messages_.erase(id.number());
  if (again) {
    todo_.push_back(id.number());
  }
}

void Scheduler::on(const CleanLost& /*event*/) {
  if (clean_alive_) {
    clean_alive_ = false;
    cleans_out_ = 0;
    for (const auto& [number, message] : messages_) {
      if (message.stage == Stage::ending) {
        // Only mess/N is left of it.
        log(log_line::end_message(MessageId(number)));
      }
    }
    log(log_line::lost_clean());
    begin_exit();
  }
}

}  // namespace reqmail::scheduler
