// From todo/N to a message that can be delivered (scheduler/intake.h).

#include <algorithm>
#include <utility>

#include "base/number.h"
#include "base/text.h"
#include "mail/envelope.h"
#include "scheduler/scheduler.h"

namespace reqmail::scheduler {

namespace {

// Recipient records kept in memory for the first pass, of one message and in all; beyond, the
// pass reads the file.
constexpr std::size_t kFreshOfMessage = std::size_t{64} << 10;
constexpr std::size_t kFreshInAll = std::size_t{8} << 20;

std::size_t size_of(const PerChannel<std::string>& texts) {
  return texts[Channel::local].size() + texts[Channel::remote].size();
}

std::string info_text(std::string_view sender) {
  std::string text;
  mail::append_record(text, 'F', sender);
  return text;
}

}  // namespace

// --- Parts ---

// Whether a new message is a bounce that has to wait: its lines in the log come after those of
// the message that bounced, which are written when its queue program has ended. Other bounces
// under way hold it up for a moment only.
bool Scheduler::waits_for_bounces(const TodoFound& event) {
  mail::RecordParser records(event.chunk.records);
  const auto first = records.next();
  if (!config_.own_uid || !first || first->letter != 'u' ||
      base::leading_number(first->value) != *config_.own_uid) {
    return false;
  }
  const auto waiting =
      own_mail_.try_emplace(event.id.number(), OwnMail{now_ + kBounceOrder}).first;
  if (bounces_out_ != 0 && now_ < waiting->second.until) {
    waiting->second.taken_up = false;
    return true;
  }
  own_mail_.erase(waiting);
  return false;
}

void Scheduler::release_own_mail() {
  for (auto& [id, own] : own_mail_) {
    if (!own.taken_up && (bounces_out_ == 0 || own.until <= now_)) {
      own.taken_up = true;
      todo_.push_front(id);
    }
  }
}

void Scheduler::on(const TodoFound& event) {
  if (waits_for_bounces(event)) {
    return;
  }
  if (event.chunk.last) {
    intake_.emplace(event.id, event.size, event.leftovers);
    take_part(*intake_, event.chunk);
  } else if (long_intake_) {
    long_waiting_.push_back(event.id.number());
  } else {
    // Files of it that are half written are no message.
    restart_.insert(event.id.number());
    long_intake_.emplace(event.id, event.size, event.leftovers);
  }
}

// One part with each turn.
void Scheduler::continue_long_intake() {
  if (exiting_) {
    return;
  }
  if (long_intake_) {
    actions_.emplace_back(ReadTodoPart{long_intake_->id, long_intake_->first});
  } else if (!long_waiting_.empty()) {
    todo_.push_front(long_waiting_.front());
    long_waiting_.pop_front();
  }
}

void Scheduler::on(const TodoRead& event) {
  if (Intake* intake = intake_of(event.id)) {
    take_part(*intake, event.chunk);
  }
}

Intake* Scheduler::intake_of(MessageId id) {
  for (std::optional<Intake>* intake : {&intake_, &long_intake_}) {
    if (*intake && (*intake)->id == id) {
      return &**intake;
    }
  }
  return nullptr;
}

void Scheduler::drop_intake(MessageId id) {
  for (std::optional<Intake>* intake : {&intake_, &long_intake_}) {
    if (*intake && (*intake)->id == id) {
      intake->reset();
    }
  }
}

void Scheduler::take_part(Intake& intake, const RecordChunk& chunk) {
  const bool routed = intake.routes(chunk);
  const Intake::Fault fault = intake.take(chunk, router_);
  if (fault != Intake::Fault::none) {
    refuse(intake, fault);
  } else if (intake.step == Intake::Step::compare) {
    actions_.emplace_back(CompareTodo{intake.id, intake.recipients, intake.first, intake.last});
  } else if (routed) {
    write_part(intake);
  } else {
    part_done(intake);
  }
}

// On to the next part, or to the next step.
void Scheduler::part_done(Intake& intake) {
  if (!intake.last) {
    intake.first = false;
  } else if (intake.first) {
    write_part(intake);
  } else {
    intake.begin_writing();
  }
}

void Scheduler::write_part(const Intake& intake) {
  actions_.emplace_back(WriteTodoResult{
      intake.id, intake.first ? info_text(intake.sender) : std::string(), intake.recipients,
      intake.first && intake.leftovers.has_value(), intake.first, intake.last});
}

void Scheduler::refuse(const Intake& intake, Intake::Fault fault) {
  const std::string file = FileNames::todo(intake.id);
  if (fault == Intake::Fault::unknown_record) {
    announce(intake);
    log(log_line::warning(base::concat({"unknown record type in ", file})));
  } else {
    log(log_line::warning(base::concat({"trouble reading ", file})));
  }
  drop_intake(intake.id);
}

void Scheduler::announce(const Intake& intake) {
  log(log_line::new_message(intake.id));
  if (intake.has_sender) {
    log(log_line::message_info(intake.id, intake.size, intake.sender, intake.pid, intake.uid));
  }
}

// --- A restart ---

void Scheduler::on(const TodoCompared& event) {
  Intake* intake = intake_of(event.id);
  if (intake == nullptr) {
    return;
  }
  if (event.same && intake->last && adopt(*intake, event.done)) {
    restart_.erase(event.id.number());
    drop_intake(event.id);
    return;
  }
  if (!event.same) {
    intake->step = Intake::Step::check;
  }
  part_done(*intake);
}

// Keeps what an earlier qmail-send has made of todo/N, marks included.
bool Scheduler::adopt(const Intake& intake, const PerChannel<bool>& done) {
  const Leftovers& leftovers = *intake.leftovers;
  if (!leftovers.younger_than_todo) {
    return false;
  }
  // Without info/N only a message of which nothing is left to do: its end was under way.
  const bool ended = !leftovers.info && done[Channel::local] && done[Channel::remote] &&
                     (intake.any[Channel::local] || intake.any[Channel::remote]);
  if (!ended && leftovers.info != info_text(intake.sender)) {
    return false;
  }
  Message& message = messages_[intake.id.number()];
  set_stage(message, Stage::written);
  message.info_removed = ended;
  message.had_recipients = true;
  for (const Channel channel : kChannels) {
    if (!intake.any[channel]) {
      continue;
    }
    if (done[channel]) {
      message.place[channel] = Place::through;
    } else {
      put_back(channel, intake.id,
               clamped(leftovers.next_try[channel], leftovers.birth, channel));
    }
  }
  if (message.all_through()) {
    message.finished = true;
    message.may_bounce = !ended;
    finished_.push_back(intake.id.number());
  } else {
    actions_.emplace_back(SyncLater{intake.id});
  }
  return true;
}

// --- Written ---

void Scheduler::on(const TodoWritten& event) {
  Intake* intake = intake_of(event.id);
  if (intake == nullptr) {
    return;
  }
  if (event.outcome == WriteOutcome::written && !intake->last) {
    intake->first = false;
    return;
  }
  if (event.outcome == WriteOutcome::failed || event.outcome == WriteOutcome::written) {
    announce(*intake);
  }
  if (event.outcome == WriteOutcome::written) {
    preprocessed(*intake);
  } else {
    // What was made of it is no message; it is made anew with the next try.
    restart_.insert(event.id.number());
    log(log_line::warning(event.trouble));
  }
  drop_intake(event.id);
}

void Scheduler::preprocessed(const Intake& intake) {
  restart_.erase(intake.id.number());
  Message& message = messages_[intake.id.number()];
  set_stage(message, Stage::written);
  message.may_bounce = false;
  message.had_recipients = true;
  for (const Channel channel : kChannels) {
    if (intake.any[channel]) {
      put_back(channel, intake.id, now_);
    }
  }
  const std::size_t size = size_of(intake.recipients);
  if (intake.first && size <= kFreshOfMessage && fresh_bytes_ + size <= kFreshInAll) {
    fresh_bytes_ += size;
    message.fresh = std::make_unique<FreshData>();
    message.fresh->sender = intake.sender;
    message.fresh->birth = now_;
    message.fresh->records = intake.recipients;
  }
  if (message.all_through()) {
    message.finished = true;
    finished_.push_back(intake.id.number());
  } else {
    actions_.emplace_back(SyncLater{intake.id});
  }
}

}  // namespace reqmail::scheduler
