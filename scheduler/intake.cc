#include "scheduler/intake.h"

#include <algorithm>
#include <utility>

#include "base/number.h"
#include "base/text.h"
#include "mail/envelope.h"
#include "scheduler/log_lines.h"
#include "scheduler/schedule.h"

namespace reqmail::scheduler {

namespace {

// Reading a long todo/ again and again would leave no time for anything else: it rests a
// millisecond for so many names.
constexpr std::int64_t kListedPerMillisecond = 100;

std::string todo_name(const Context& context, MessageId id) {
  return context.queue.path(mail::QueueKind::todo, id);
}

// The uid with which todo/N begins.
std::optional<std::uint64_t> leading_uid(const RecordChunk& chunk) {
  const auto first = mail::RecordParser(chunk.records).next();
  return first && first->letter == 'u' ? base::leading_number(first->value) : std::nullopt;
}

}  // namespace

// --- Turns ---

void Intake::turn(Context& context) {
  if (context.ending) {
    return;
  }
  timers(context);
  continue_long(context);
  take_todo(context);
}

void Intake::timers(Context& context) {
  const Steady now = context.now.steady;
  if (rescan_ && *rescan_ <= now) {
    list(context);
  } else if (pulled_ && next_listing_ <= now) {
    list(context);
  }
  if (retry_scan_ && *retry_scan_ <= now) {
    retry_scan_.reset();
    context.act(RetryScan{});
  }
  while (const auto id = examine_.take_due(now)) {
    context.act(ExamineMessage{MessageId(*id)});
  }
  for (const MessageId id : below_.gate.take_ready(now)) {
    todo_.push_front(id.number());
  }
  take_back_unrouted(now);
  std::erase_if(reused_, [this, &context](std::uint64_t number) {
    const bool free = context.messages.find(MessageId(number)) == nullptr;
    if (free) {
      todo_.push_back(number);
    }
    return free;
  });
}

void Intake::take_back_unrouted(Steady now) {
  bool converted = false;
  while (const auto number = route_again_.take_due(now)) {
    if (!std::exchange(converted, true)) {
      router_.convert_again();
    }
    unrouted_.erase(*number);
    todo_.push_back(*number);
  }
}

std::optional<Steady> Intake::first() const {
  std::optional<Steady> first = earlier(rescan_, retry_scan_);
  first = earlier(first, examine_.first());
  first = earlier(first, below_.gate.first());
  first = earlier(first, route_again_.first());
  return pulled_ ? earlier<Steady>(first, next_listing_) : first;
}

void Intake::end() {
  long_rewriting_.reset();
  long_waiting_.clear();
}

void Intake::on(const Reread& event, Context& /*context*/) {
  router_.replace(event.locals, event.virtualdomains, event.utf8);
  if (long_rewriting_) {
    // All of its recipients are to be routed by the same rules.
    long_rewriting_->begin();
  }
}

void Intake::on(const RereadFailed& event, Context& context) {
  context.log(log_line::unable_to_reread(event.file));
}

// --- Preprocessed messages found at the start ---

void Intake::on(const MessageFound& event, Context& context) {
  const std::uint64_t number = event.id.number();
  if (context.ending || context.messages.find(event.id) != nullptr ||
      restart_.contains(number)) {
    return;
  }
  Message& message = context.messages.add(event.id);
  if (!event.foreign.empty()) {
    foreign_[number] = event.foreign;
  }
  for (const Channel channel : kChannels) {
    if (event.next_try[channel]) {
      const Time due = clamped(*event.next_try[channel], event.birth, channel, context);
      below_.passes.wait(channel, event.id, due, context);
    }
  }
  if (message.all_through()) {
    context.messages.finish(event.id, message);
  }
}

void Intake::on(const MessageStranded& event, Context& context) {
  if (!context.ending && context.messages.find(event.id) == nullptr &&
      !restart_.contains(event.id.number())) {
    keep_stranded(event.id, event.file, context);
  }
}

void Intake::keep_stranded(MessageId id, std::string_view file, Context& context) {
  context.log(log_line::warning(base::concat(
      {context.info(id), " has no recipients but ", file, " is there; message kept"})));
  examine_.add(context.now.steady + kKeptStep, id.number());
}

std::string Intake::take_foreign(MessageId id) {
  const auto found = foreign_.find(id.number());
  if (found == foreign_.end()) {
    return {};
  }
  std::string file = std::move(found->second);
  foreign_.erase(found);
  return file;
}

void Intake::on(const MessageUnknown& event, Context& context) {
  context.log(
      log_line::warning_later("unable to stat", context.recipients(event.channel, event.id)));
  examine_.add(context.now.steady + kFailedStep, event.id.number());
}

void Intake::on(const ScanFailed& event, Context& context) {
  context.log(log_line::unable_to_list(event.directory));
  retry_scan_ = context.now.steady + kAlertSleep;
}

// After the clock was set back, a file's time may lie far ahead; a message from the future is
// new.
Time Intake::clamped(Time due, std::optional<Time> birth, Channel channel,
                     const Context& context) const {
  const Time now = context.now.date;
  if (birth && *birth > now) {
    return now;
  }
  return std::min(due, now + context.retry.longest_step(lifetime_, channel));
}

// --- New messages ---

void Intake::on(const Pulled& /*event*/, Context& context) {
  if (context.ending) {
    return;
  }
  pulled_ = true;
  if (next_listing_ <= context.now.steady) {
    list(context);
  }
}

void Intake::list(Context& context) {
  rescan_ = context.now.steady + kRescan;
  pulled_ = false;
  context.act(ListTodo{});
}

void Intake::on(const TodoListed& event, Context& context) {
  if (context.ending) {
    return;
  }
  rescan_ = context.now.steady + kRescan;
  next_listing_ = context.now.steady +
                  Steady(static_cast<std::int64_t>(event.ids.size()) / kListedPerMillisecond);
  todo_.clear();
  long_waiting_.clear();
  below_.gate.take_back();
  for (const MessageId id : event.ids) {
    const Message* message = context.messages.find(id);
    if (rewriting_of(id) == nullptr && !below_.gate.knows(id) &&
        !reused_.contains(id.number()) && !unrouted_.contains(id.number()) &&
        (message == nullptr || !message->todo_there())) {
      todo_.push_back(id.number());
    }
    if (event.restart) {
      restart_.insert(id.number());
    }
  }
}

void Intake::on(const TodoUnlistable& /*event*/, Context& context) {
  context.log(log_line::unable_to_list("todo"));
  rescan_ = context.now.steady + kAlertSleep;
}

void Intake::take_todo(Context& context) {
  while (!below_.gate.closed() && !todo_.empty()) {
    const MessageId id(todo_.front());
    todo_.pop_front();
    Message* message = context.messages.find(id);
    if (message != nullptr && message->stage == Stage::queued && message->end == End::none &&
        message->place[Channel::local] != Place::open &&
        message->place[Channel::remote] != Place::open) {
      // Files of a message that is long gone: the number is in use again.
      context.messages.erase(id);
      old_files_.insert(id.number());
      for (const Channel channel : kChannels) {
        below_.marks.forget(id, channel);
      }
      message = nullptr;
    }
    if (message == nullptr) {
      context.act(ReadTodo{id, restart_.contains(id.number())});
      return;
    }
    if (message->stage == Stage::ending) {
      // The old message of this number has gone, only the answer is not here yet.
      reused_.insert(id.number());
    }
  }
}

void Intake::on(const TodoUnreadable& event, Context& context) {
  below_.gate.forget(event.id);
  drop(event.id);
  const std::string todo = todo_name(context, event.id);
  switch (event.fault) {
  case TodoFault::open:
    context.log(log_line::warning(base::concat({"unable to open ", todo})));
    break;
  case TodoFault::stat:
    context.log(log_line::warning(base::concat(
        {"unable to stat ", context.queue.path(mail::QueueKind::mess, event.id)})));
    break;
  case TodoFault::read:
    context.log(log_line::new_message(event.id));
    context.log(log_line::warning(base::concat({"trouble reading ", todo})));
    break;
  }
}

void Intake::on(const TodoFound& event, Context& context) {
  if (below_.gate.waits(event.id, leading_uid(event.chunk), context.now.steady)) {
    return;
  }
  if (event.chunk.last) {
    rewriting_.emplace(event.id, event.size, event.leftovers);
    rewriting_->wants_reports = event.wants_reports;
    take_part(*rewriting_, event.chunk, context);
  } else if (long_rewriting_) {
    long_waiting_.push_back(event.id.number());
  } else {
    // Files of it that are half written are no message.
    restart_.insert(event.id.number());
    long_rewriting_.emplace(event.id, event.size, event.leftovers);
  }
}

// --- Parts of an envelope ---

void Intake::continue_long(Context& context) {
  if (long_rewriting_) {
    context.act(ReadTodoPart{long_rewriting_->id, long_rewriting_->first});
  } else if (!long_waiting_.empty()) {
    todo_.push_front(long_waiting_.front());
    long_waiting_.pop_front();
  }
}

void Intake::on(const TodoRead& event, Context& context) {
  if (Rewriting* rewriting = rewriting_of(event.id)) {
    take_part(*rewriting, event.chunk, context);
  }
}

Rewriting* Intake::rewriting_of(MessageId id) {
  for (std::optional<Rewriting>* rewriting : {&rewriting_, &long_rewriting_}) {
    if (*rewriting && (*rewriting)->id == id) {
      return &**rewriting;
    }
  }
  return nullptr;
}

void Intake::drop(MessageId id) {
  for (std::optional<Rewriting>* rewriting : {&rewriting_, &long_rewriting_}) {
    if (*rewriting && (*rewriting)->id == id) {
      rewriting->reset();
    }
  }
}

void Intake::take_part(Rewriting& rewriting, const RecordChunk& chunk, Context& context) {
  const bool routed = rewriting.routes(chunk);
  const Rewriting::Fault fault = rewriting.take(chunk, router_);
  if (fault != Rewriting::Fault::none) {
    refuse(rewriting, fault, context);
  } else if (rewriting.step == Rewriting::Step::compare) {
    context.act(
        CompareTodo{rewriting.id, rewriting.recipients, rewriting.first, rewriting.last});
  } else if (routed) {
    write_part(rewriting, context);
  } else {
    part_done(rewriting, context);
  }
}

// On to the next part, or to the next step.
void Intake::part_done(Rewriting& rewriting, Context& context) const {
  if (!rewriting.last) {
    rewriting.first = false;
  } else if (rewriting.first) {
    write_part(rewriting, context);
  } else {
    rewriting.begin_writing();
  }
}

void Intake::write_part(const Rewriting& rewriting, Context& context) const {
  WriteTodoResult write{rewriting.id, {}, rewriting.recipients};
  if (rewriting.first) {
    write.info = mail::info_record(rewriting.sender);
    write.remove_bounce = rewriting.leftovers.has_value();
    write.fresh = !rewriting.leftovers && !old_files_.contains(rewriting.id.number());
  }
  write.first = rewriting.first;
  write.last = rewriting.last;
  context.act(std::move(write));
}

void Intake::refuse(const Rewriting& rewriting, Rewriting::Fault fault, Context& context) {
  const std::string todo = todo_name(context, rewriting.id);
  switch (fault) {
  case Rewriting::Fault::unknown_record:
    announce(rewriting, context);
    context.log(log_line::warning(base::concat({"unknown record type in ", todo})));
    break;
  case Rewriting::Fault::unsure_route:
    context.log(log_line::warning_later("unable to convert a domain in", todo));
    unrouted_.insert(rewriting.id.number());
    route_again_.add(context.now.steady + kFailedStep, rewriting.id.number());
    break;
  case Rewriting::Fault::unfinished:
  case Rewriting::Fault::none:
    context.log(log_line::warning(base::concat({"trouble reading ", todo})));
    break;
  }
  drop(rewriting.id);
}

void Intake::announce(const Rewriting& rewriting, Context& context) {
  context.log(log_line::new_message(rewriting.id));
  if (rewriting.has_sender) {
    context.log(log_line::message_info(rewriting.id, rewriting.size, rewriting.sender,
                                       rewriting.pid, rewriting.uid));
  }
}

// --- A restart ---

void Intake::on(const TodoCompared& event, Context& context) {
  Rewriting* rewriting = rewriting_of(event.id);
  if (rewriting == nullptr) {
    return;
  }
  if (event.same && rewriting->last && adopt(*rewriting, event.done, context)) {
    restart_.erase(event.id.number());
    drop(event.id);
    return;
  }
  if (!event.same) {
    rewriting->step = Rewriting::Step::check;
  }
  part_done(*rewriting, context);
}

// Keeps what an earlier qmail-send has made of todo/N, marks included.
bool Intake::adopt(const Rewriting& rewriting, const PerChannel<bool>& done, Context& context) {
  const Leftovers& leftovers = *rewriting.leftovers;
  if (!leftovers.younger_than_todo) {
    return false;
  }
  // Without info/N only a message of which nothing is left to do: its end was under way.
  const bool ended = !leftovers.info && done[Channel::local] && done[Channel::remote] &&
                     (rewriting.any[Channel::local] || rewriting.any[Channel::remote]);
  if (!ended && leftovers.info != mail::info_record(rewriting.sender)) {
    return false;
  }
  Message& message = context.messages.add(rewriting.id);
  context.messages.set_stage(message, Stage::written);
  message.recipients = Recipients::seen;
  for (const Channel channel : kChannels) {
    if (!rewriting.any[channel]) {
      continue;
    }
    if (done[channel]) {
      message.place[channel] = Place::through;
    } else {
      const Time due = clamped(leftovers.next_try[channel], leftovers.birth, channel, context);
      below_.passes.wait(channel, rewriting.id, due, context);
    }
  }
  if (!message.all_through()) {
    below_.durability.begin(rewriting.id, context);
    return true;
  }
  context.messages.finish(rewriting.id, message);
  if (ended) {
    message.bounce = Bounce::none;
    message.end = End::without_info;
  }
  return true;
}

// --- Written ---

void Intake::on(const TodoWritten& event, Context& context) {
  Rewriting* rewriting = rewriting_of(event.id);
  if (rewriting == nullptr) {
    return;
  }
  if (event.outcome == WriteOutcome::written && !rewriting->last) {
    rewriting->first = false;
    return;
  }
  if (event.outcome == WriteOutcome::failed || event.outcome == WriteOutcome::written) {
    announce(*rewriting, context);
  }
  if (event.outcome == WriteOutcome::written) {
    preprocessed(*rewriting, context);
  } else {
    // What was made of it is no message; it is made anew with the next try.
    restart_.insert(event.id.number());
    context.log(log_line::warning(event.trouble));
  }
  drop(event.id);
}

void Intake::preprocessed(const Rewriting& rewriting, Context& context) {
  restart_.erase(rewriting.id.number());
  old_files_.erase(rewriting.id.number());
  Message& message = context.messages.add(rewriting.id);
  context.messages.set_stage(message, Stage::written);
  message.bounce = Bounce::none;
  message.recipients = Recipients::seen;
  for (const Channel channel : kChannels) {
    if (rewriting.any[channel]) {
      below_.passes.wait(channel, rewriting.id, context.now.date, context);
    }
  }
  if (message.all_through()) {
    context.messages.finish(rewriting.id, message);
    return;
  }
  if (rewriting.first && !rewriting.wants_reports) {
    (void)context.messages.keep_fresh(
        rewriting.id, FreshData{rewriting.sender, context.now.date, rewriting.recipients});
  }
  below_.durability.begin(rewriting.id, context);
}

}  // namespace reqmail::scheduler
