#include "send/executor.h"

#include <algorithm>
#include <cerrno>
#include <map>
#include <utility>

#include "base/text.h"
#include "mail/clean_command.h"
#include "queue/bounce_log.h"
#include "queue/channel_file.h"

namespace reqmail::send {

namespace {

using mail::QueueKind;
using scheduler::Channel;
using std::chrono::milliseconds;

// How long a message may be delivered before its files are synced. Until then todo/N alone
// keeps it, as durable as ever, and most mail is finished by then: a flood of it costs no sync
// at all.
constexpr milliseconds kGrace(5000);

// The longest a log line waits for a message to leave todo.
constexpr milliseconds kLongestHold(100);

// Reading a long todo/ again and again would leave no time for anything else: it rests a
// millisecond for so many names.
constexpr std::size_t kListedPerMillisecond = 100;

// Messages synced by one task when there is more to sync than threads.
constexpr std::size_t kSyncsPerTask = 16;

}  // namespace

// What runs beside the loop, and what becomes of its result in the loop.
class SendExecutor::QueueTask : public sys::Task {
 public:
  virtual void report(SendExecutor& executor) const = 0;
};

// Makes the files of some messages durable.
class SendExecutor::SyncTask final : public QueueTask {
 public:
  SyncTask(queue::Files& files, mail::QueueLayout layout,
           std::vector<queue::UnsyncedMessage> messages)
      : files_(files), layout_(layout), messages_(std::move(messages)) {}

  void work() override { synced_ = queue::sync_todo_results(files_, layout_, messages_); }

  void report(SendExecutor& executor) const override {
    --executor.tasks_out_;
    for (const queue::UnsyncedMessage& message : messages_) {
      const bool success =
          std::find(synced_.begin(), synced_.end(), message.id) != synced_.end();
      if (!success) {
        executor.release_log(message.id);
      }
      executor.handle(scheduler::Synced{message.id, success});
    }
  }

 private:
  queue::Files& files_;
  mail::QueueLayout layout_;
  std::vector<queue::UnsyncedMessage> messages_;
  std::vector<mail::MessageId> synced_;
};

// Notes a failure down durably.
class SendExecutor::NoteTask final : public QueueTask {
 public:
  NoteTask(queue::Files& files, mail::QueueLayout layout, mail::MessageId id,
           std::string paragraph)
      : files_(files), layout_(layout), id_(id), paragraph_(std::move(paragraph)) {}

  void work() override {
    success_ = queue::append_bounce(files_, layout_, id_, paragraph_).has_value();
  }

  void report(SendExecutor& executor) const override {
    executor.handle(scheduler::BounceNoted{id_, success_});
  }

 private:
  queue::Files& files_;
  mail::QueueLayout layout_;
  mail::MessageId id_;
  std::string paragraph_;
  bool success_ = false;
};

SendExecutor::SendExecutor(const scheduler::SchedulerConfig& config, const Parts& parts)
    : files_(parts.files),
      layout_(parts.layout),
      background_(parts.background),
      bounce_sender_(parts.bounce_sender),
      bounce_names_(parts.bounce_names),
      chunk_(parts.chunk),
      scheduler_(config),
      messages_(parts.files, parts.layout, QueueKind::info),
      leftovers_(parts.files, parts.layout, QueueKind::mess) {}

void SendExecutor::set_time(base::Time now, Clock steady) {
  now_ = now;
  steady_ = steady;
}

void SendExecutor::handle(const scheduler::Event& event) {
  for (scheduler::Action& action : scheduler_.handle(event, now_)) {
    ++performed_;
    std::visit([this](auto& what) { perform(what); }, action);
  }
}

bool SendExecutor::turns(std::size_t most) {
  for (; most > 0 && !exited_; --most) {
    scheduler::Actions actions = scheduler_.handle(scheduler::Turn{}, now_);
    more_turns_ = !actions.empty();
    if (!more_turns_) {
      return false;
    }
    for (scheduler::Action& action : actions) {
      ++performed_;
      std::visit([this](auto& what) { perform(what); }, action);
    }
  }
  return true;
}

// --- The log ---

void SendExecutor::perform(scheduler::Log& action) {
  output_.log.append(action.line);
}

void SendExecutor::perform(const scheduler::HoldLog& action) {
  if (held_.empty()) {
    held_until_ = steady_ + kLongestHold;
  }
  held_.insert(action.id.number());
}

void SendExecutor::release_log(mail::MessageId id) {
  held_.erase(id.number());
}

bool SendExecutor::log_ready() const {
  return !output_.log.empty() && (held_.empty() || steady_ >= held_until_ || exited_);
}

// --- New messages ---

void SendExecutor::perform(const scheduler::ListTodo& /*action*/) {
  list_todo();
}

void SendExecutor::pulled() {
  pulled_ = true;
  if (next_listing_ <= steady_) {
    list_todo();
  }
}

void SendExecutor::list_todo() {
  pulled_ = false;
  const auto names = files_.list("todo");
  if (!names) {
    handle(scheduler::TodoUnlistable{});
    return;
  }
  next_listing_ =
      steady_ + milliseconds(static_cast<std::int64_t>(names->size() / kListedPerMillisecond));
  scheduler::TodoListed listed;
  for (const std::string& name : *names) {
    if (const auto id = mail::MessageId::parse(name)) {
      listed.ids.push_back(*id);
    }
  }
  listed.restart = !std::exchange(listed_, true);
  handle(listed);
  if (listed.restart) {
    messages_.start();
  }
}

// --- Making it durable ---

void SendExecutor::perform(const scheduler::SyncLater& action) {
  moments_.push_back(Moment{steady_ + kGrace, action.id.number()});
}

void SendExecutor::moments() {
  while (!moments_.empty() && moments_.front().due <= steady_) {
    const mail::MessageId id(moments_.front().id);
    moments_.pop_front();
    handle(scheduler::SyncDue{id});
  }
  if (pulled_ && next_listing_ <= steady_) {
    list_todo();
  }
  if (relist_ && *relist_ <= steady_) {
    relist_.reset();
    messages_.retry();
    leftovers_.retry();
  }
}

void SendExecutor::perform(const scheduler::SyncMessage& action) {
  if (action.rewrite && !rewrite_todo_result(files_, layout_, action.id, action.recipients)) {
    handle(scheduler::Synced{action.id, false});
    return;
  }
  syncs_.push_back(queue::UnsyncedMessage{action.id, action.recipients[Channel::local],
                                          action.recipients[Channel::remote]});
}

void SendExecutor::start_syncs() {
  const std::size_t width = std::max<std::size_t>(1, background_.width());
  while (!syncs_.empty() && tasks_out_ < width) {
    const std::size_t share = (syncs_.size() + width - tasks_out_ - 1) / (width - tasks_out_);
    const std::size_t count = std::min({share, kSyncsPerTask, syncs_.size()});
    const auto first = syncs_.end() - static_cast<std::ptrdiff_t>(count);
    std::vector<queue::UnsyncedMessage> messages(first, syncs_.end());
    syncs_.erase(first, syncs_.end());
    ++tasks_out_;
    background_.submit(std::make_unique<SyncTask>(files_, layout_, std::move(messages)));
  }
}

void SendExecutor::background_done() {
  for (const std::unique_ptr<sys::Task>& task : background_.take_done()) {
    // The executor submits no other tasks.
    static_cast<const QueueTask&>(*task).report(*this);
  }
}

// --- qmail-clean ---

void SendExecutor::perform(const scheduler::AskClean& action) {
  const mail::CleanKind kind =
      action.kind == scheduler::CleanKind::todo ? mail::CleanKind::todo : mail::CleanKind::foop;
  output_.clean.append(mail::clean_command(mail::CleanCommand{kind, action.id}));
  cleans_.push_back(scheduler::CleanAnswered{action.kind, action.id});
}

void SendExecutor::clean_answered(char answer) {
  if (cleans_.empty()) {
    return;
  }
  scheduler::CleanAnswered answered = cleans_.front();
  cleans_.pop_front();
  answered.success = answer == mail::kCleanDone;
  handle(answered);
  if (answered.kind == scheduler::CleanKind::todo) {
    release_log(answered.id);
  }
}

// --- Passes and deliveries ---

void SendExecutor::perform(const scheduler::OpenPass& action) {
  const auto fail = [&](scheduler::PassFault fault) {
    handle(scheduler::PassFailed{action.channel, action.id, fault});
  };
  auto info = read_info(files_, layout_, action.id);
  if (!info) {
    fail(scheduler::PassFault::info);
    return;
  }
  auto file = files_.open_read(layout_.path(kind_of(action.channel), action.id));
  if (!file) {
    fail(scheduler::PassFault::open);
    return;
  }
  const auto status = (*file)->status();
  RecordReader reader(std::move(*file), chunk_);
  auto chunk = reader.next();
  if (!status || !chunk) {
    fail(scheduler::PassFault::read);
    return;
  }
  readers_[action.channel] = chunk->last ? RecordReader() : std::move(reader);
  handle(scheduler::PassOpened{action.channel, action.id, std::move(info->sender), info->birth,
                               status->modified, std::move(*chunk)});
}

void SendExecutor::perform(const scheduler::ReadPass& action) {
  auto chunk = readers_[action.channel].next();
  if (!chunk) {
    handle(scheduler::PassFailed{action.channel, action.id, scheduler::PassFault::read});
    return;
  }
  if (chunk->last) {
    readers_[action.channel] = RecordReader();
  }
  handle(scheduler::PassRead{action.channel, std::move(*chunk)});
}

void SendExecutor::perform(const scheduler::StartDelivery& action) {
  std::string& orders = output_.orders[action.channel];
  orders.push_back(static_cast<char>(action.slot));
  orders.append(layout_.message_name(action.id));
  orders.push_back('\0');
  orders.append(action.sender);
  orders.push_back('\0');
  orders.append(action.recipient);
  orders.push_back('\0');
}

void SendExecutor::perform(const scheduler::MarkDone& action) {
  const std::string path = layout_.path(kind_of(action.channel), action.id);
  if (!queue::mark_done(files_, path, action.offset)) {
    handle(scheduler::MarkFailed{action.channel, action.id, action.offset});
  }
}

void SendExecutor::perform(const scheduler::MarkAgain& action) {
  const std::string path = layout_.path(kind_of(action.channel), action.id);
  const bool success = queue::mark_done(files_, path, action.offset).has_value();
  handle(scheduler::MarkedAgain{action.channel, action.id, action.offset, success});
}

// --- Bounces ---

void SendExecutor::perform(scheduler::AppendBounce& action) {
  background_.submit(
      std::make_unique<NoteTask>(files_, layout_, action.id, std::move(action.paragraph)));
}

void SendExecutor::perform(const scheduler::InjectBounce& action) {
  scheduler::BounceInjected injected{action.id};
  if (action.sent) {
    injected.outcome = queue::remove_bounce(files_, layout_, action.id)
                           ? scheduler::BounceOutcome::removed
                           : scheduler::BounceOutcome::not_removed;
    handle(injected);
    return;
  }
  const auto there = bounce_is_there(files_, layout_, action.id);
  if (there && *there) {
    begin_bounce(action.id);
    return;
  }
  injected.outcome =
      there ? scheduler::BounceOutcome::none : scheduler::BounceOutcome::not_examined;
  handle(injected);
}

void SendExecutor::begin_bounce(mail::MessageId id) {
  if (bounce_sender_.full()) {
    bounces_waiting_.push_back(id);
    return;
  }
  auto prepared = prepare_bounce(files_, layout_, id, bounce_names_, now_);
  if (const auto* outcome = std::get_if<scheduler::BounceOutcome>(&prepared)) {
    handle(scheduler::BounceInjected{id, *outcome});
  } else if (!bounce_sender_.begin(std::get<BounceOrder>(std::move(prepared)))) {
    handle(scheduler::BounceInjected{id, scheduler::BounceOutcome::not_started});
  }
}

void SendExecutor::bounces_done() {
  for (const BounceResult& result : bounce_sender_.take_done()) {
    handle(conclude_bounce(files_, layout_, result));
    if (hurry_ && !result.queued) {
      leave_bounces();
    }
  }
  while (!bounces_waiting_.empty() && !bounce_sender_.full()) {
    const mail::MessageId id = bounces_waiting_.front();
    bounces_waiting_.pop_front();
    begin_bounce(id);
  }
}

// The next qmail-send sends them: where one has failed, the others would hold up the end in
// vain.
void SendExecutor::leave_bounces() {
  for (const mail::MessageId id : std::exchange(bounces_waiting_, {})) {
    handle(scheduler::BounceInjected{id, scheduler::BounceOutcome::left});
  }
}

void SendExecutor::perform(const scheduler::HurryBounces& /*action*/) {
  hurry_ = true;
  bounce_sender_.hurry();
}

// --- The end of a message ---

void SendExecutor::perform(const scheduler::RemoveRecipients& action) {
  const std::string path = layout_.path(kind_of(action.channel), action.id);
  const bool removed = queue::remove_if_there(files_, path).has_value();
  handle(scheduler::RecipientsRemoved{action.channel, action.id, removed});
}

void SendExecutor::perform(const scheduler::RemoveInfo& action) {
  const bool removed =
      queue::remove_if_there(files_, layout_.path(QueueKind::info, action.id)).has_value();
  handle(scheduler::InfoRemoved{action.id, removed});
}

void SendExecutor::perform(const scheduler::RemoveStrays& action) {
  for (const QueueKind kind : {QueueKind::local, QueueKind::remote, QueueKind::bounce}) {
    (void)queue::remove_if_there(files_, layout_.path(kind, action.id));
  }
}

void SendExecutor::perform(const scheduler::Retime& action) {
  const std::string path = layout_.path(kind_of(action.channel), action.id);
  if (!files_.set_times(path, action.time)) {
    handle(scheduler::RetimeFailed{action.channel, action.id});
  }
}

void SendExecutor::perform(const scheduler::SetBirth& action) {
  const std::string path = layout_.path(QueueKind::info, action.id);
  if (!files_.set_times(path, action.birth)) {
    output_.log.append(scheduler::log_line::warning(
        base::concat({"unable to utime ", path, "; the message's lifetime begins anew"})));
  }
}

void SendExecutor::perform(const scheduler::Exit& /*action*/) {
  exited_ = true;
}

// --- Waiting ---

std::optional<SendExecutor::Clock> SendExecutor::wait_limit() const {
  if (more_turns_) {
    return Clock(0);
  }
  std::optional<Clock> limit;
  const auto consider = [&limit](Clock wait) {
    wait = std::max(wait, Clock(0));
    limit = limit ? std::min(*limit, wait) : wait;
  };
  if (!moments_.empty()) {
    consider(moments_.front().due - steady_);
  }
  if (pulled_) {
    consider(next_listing_ - steady_);
  }
  if (relist_) {
    consider(*relist_ - steady_);
  }
  if (!output_.log.empty()) {
    consider(held_until_ - steady_);
  }
  if (const auto wakeup = scheduler_.wakeup()) {
    consider(std::chrono::duration_cast<Clock>(*wakeup - now_));
  }
  return limit;
}

}  // namespace reqmail::send
