#include "send/executor.h"

#include <algorithm>
#include <cerrno>
#include <map>
#include <utility>

#include "mail/clean_command.h"
#include "queue/bounce_log.h"
#include "sys/memory.h"

namespace reqmail::send {

namespace {

using mail::QueueKind;
using scheduler::Channel;
// The number of messages that one task syncs at most, if there is more to sync than threads.
constexpr std::size_t kSyncsPerTask = 16;

}  // namespace

// A task that runs in a thread of its own and then reports its result in the main loop.
class SendExecutor::QueueTask : public sys::Task {
 public:
  virtual void report(SendExecutor& executor) = 0;
};

// Syncs the files of some messages.
class SendExecutor::SyncTask final : public QueueTask {
 public:
  SyncTask(queue::Files& files, mail::QueueLayout layout,
           std::vector<queue::UnsyncedMessage> messages)
      : files_(files), layout_(layout), messages_(std::move(messages)) {}

  void work() override { synced_ = queue::sync_todo_results(files_, layout_, messages_); }

  void report(SendExecutor& executor) override {
    --executor.tasks_out_;
    for (const queue::UnsyncedMessage& message : messages_) {
      const bool success =
          std::find(synced_.begin(), synced_.end(), message.id) != synced_.end();
      executor.handle(scheduler::Synced{message.id, success});
    }
  }

 private:
  queue::Files& files_;
  mail::QueueLayout layout_;
  std::vector<queue::UnsyncedMessage> messages_;
  std::vector<mail::MessageId> synced_;
};

// Appends a paragraph to bounce/N and syncs it.
class SendExecutor::NoteTask final : public QueueTask {
 public:
  NoteTask(queue::Files& files, mail::QueueLayout layout, mail::MessageId id,
           std::string paragraph)
      : files_(files), layout_(layout), id_(id), paragraph_(std::move(paragraph)) {}

  void work() override {
    success_ = queue::append_bounce(files_, layout_, id_, paragraph_).has_value();
  }

  void report(SendExecutor& executor) override {
    executor.handle(scheduler::BounceNoted{id_, success_});
  }

 private:
  queue::Files& files_;
  mail::QueueLayout layout_;
  mail::MessageId id_;
  std::string paragraph_;
  bool success_ = false;
};

// Looks for messages and leftovers in the queue.
class SendExecutor::ScanTask final : public QueueTask {
 public:
  explicit ScanTask(ScanPiece piece) : piece_(std::move(piece)) {}

  void work() override { piece_.work(); }

  void report(SendExecutor& executor) override {
    for (const scheduler::Event& event :
         executor.scan_.take(std::move(piece_), executor.now_.date)) {
      executor.handle(event);
    }
  }

 private:
  ScanPiece piece_;
};

SendExecutor::SendExecutor(const scheduler::SchedulerConfig& config, const Parts& parts)
    : files_(parts.files),
      layout_(parts.layout),
      background_(parts.background),
      bounces_({parts.files, parts.layout, parts.bounce_sender, parts.bounce_names,
                parts.bounce_form, parts.reads_wishes}),
      lists_(parts.files, parts.layout),
      todo_files_(parts.files, parts.layout, lists_, parts.chunk),
      scan_(parts.files, parts.layout),
      chunk_(parts.chunk),
      reads_wishes_(parts.reads_wishes),
      scheduler_(config) {}

void SendExecutor::set_time(base::Time now, Clock steady) {
  now_ = {now, steady};
}

void SendExecutor::handle(const scheduler::Event& event) {
  scheduler::Actions actions = scheduler_.handle(event, now_);
  perform_all(actions);
}

void SendExecutor::perform_all(scheduler::Actions& actions) {
  for (scheduler::Action& action : actions) {
    // Listing todo/ does not count as work, since somebody may pull the trigger without need.
    performed_ += std::holds_alternative<scheduler::ListTodo>(action) ? 0U : 1U;
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
    perform_all(actions);
  }
  return true;
}

// --- The log ---

void SendExecutor::perform(scheduler::Log& action) {
  output_.log.append(action.line);
}

// --- New messages ---

void SendExecutor::perform(const scheduler::ListTodo& /*action*/) {
  list_todo();
}

void SendExecutor::list_todo() {
  const auto names = files_.list(std::string(mail::kind_name(mail::QueueKind::todo)));
  if (!names) {
    handle(scheduler::TodoUnlistable{});
    return;
  }
  scheduler::TodoListed listed;
  for (const std::string& name : *names) {
    if (const auto id = mail::MessageId::parse(name)) {
      listed.ids.push_back(*id);
    }
  }
  listed.restart = !std::exchange(listed_, true);
  handle(listed);
  if (listed.restart) {
    scan_.find_messages();
  }
}

void SendExecutor::perform(const scheduler::ReadTodo& action) {
  scheduler::Event event = todo_files_.read(action);
  if (auto* found = std::get_if<scheduler::TodoFound>(&event)) {
    found->wants_reports =
        reads_wishes_ && files_.status(layout_.dsn_path(action.id)).has_value();
  }
  handle(event);
}

void SendExecutor::perform(const scheduler::ReadTodoPart& action) {
  handle(todo_files_.read(action));
}

void SendExecutor::perform(const scheduler::CompareTodo& action) {
  handle(todo_files_.compare(action));
}

void SendExecutor::perform(const scheduler::WriteTodoResult& action) {
  const bool no_leftovers = action.fresh && !scan_.may_have_list(action.id);
  handle(todo_files_.write(action, no_leftovers));
}

// --- What is in the queue ---

void SendExecutor::perform(const scheduler::ExamineMessage& action) {
  if (const auto event =
          examine_message(files_, layout_, action.id, now_.date, foreign_directories(files_))) {
    handle(*event);
  }
}

void SendExecutor::perform(const scheduler::SweepLeftovers& /*action*/) {
  scan_.find_leftovers();
}

void SendExecutor::perform(const scheduler::RetryScan& /*action*/) {
  scan_.retry();
}

bool SendExecutor::start_scan() {
  while (auto piece = scan_.next(now_.date)) {
    background_.submit(std::make_unique<ScanTask>(std::move(*piece)));
  }
  if (scan_.has_ended()) {
    // The names of whole directories were in memory, twice for a long queue.
    sys::give_back_memory();
  }
  return scan_.under_way();
}

void SendExecutor::alarm() {
  scan_.all_due();
  handle(scheduler::Alarm{});
}

// --- Syncs ---

void SendExecutor::perform(const scheduler::SyncMessage& action) {
  // The message stays in the queue for some time, or gets other files.
  lists_.close(action.id);
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
    // The executor submits only tasks of this class.
    static_cast<QueueTask&>(*task).report(*this);
  }
}

// --- qmail-clean ---

void SendExecutor::perform(const scheduler::AskClean& action) {
  output_.clean.append(mail::clean_command(mail::CleanCommand{action.kind, action.id}));
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
}

// --- Passes and deliveries ---

void SendExecutor::perform(const scheduler::OpenPass& action) {
  const auto fail = [&](scheduler::PassFault fault) {
    handle(scheduler::PassFailed{action.channel, action.id, fault});
  };
  auto info = read_sender(files_, layout_, action.id);
  if (!info) {
    fail(scheduler::PassFault::info);
    return;
  }
  auto file = files_.open_read(layout_.path(scheduler::kind_of(action.channel), action.id));
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
  handle(scheduler::PassOpened{
      action.channel, action.id, std::move(info->sender), info->birth, status->modified,
      std::move(*chunk),
      reads_wishes_ ? read_wishes(files_, layout_, action.id) : std::nullopt});
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
  if (!lists_.mark_done(action.channel, action.id, action.offset)) {
    handle(scheduler::MarkFailed{action.channel, action.id, action.offset});
  }
}

void SendExecutor::perform(const scheduler::MarkAgain& action) {
  const bool success = lists_.mark_done(action.channel, action.id, action.offset).has_value();
  handle(scheduler::MarkedAgain{action.channel, action.id, action.offset, success});
}

// --- Bounces ---

void SendExecutor::perform(scheduler::AppendBounce& action) {
  background_.submit(
      std::make_unique<NoteTask>(files_, layout_, action.id, std::move(action.paragraph)));
}

void SendExecutor::perform(const scheduler::InjectBounce& action) {
  if (const auto injected = bounces_.inject(action, now_.date)) {
    handle(*injected);
  }
}

void SendExecutor::perform(const scheduler::SendNotice& action) {
  if (const auto sent = bounces_.notify(action, now_.date)) {
    handle(*sent);
  }
}

void SendExecutor::bounces_done() {
  const BounceLine::Done done = bounces_.take_done(now_.date);
  for (const scheduler::BounceInjected& injected : done.bounces) {
    handle(injected);
  }
  for (const scheduler::NoticeSent& sent : done.notices) {
    handle(sent);
  }
}

void SendExecutor::perform(const scheduler::HurryBounces& /*action*/) {
  bounces_.hurry();
}

// --- The end of a message ---

void SendExecutor::perform(const scheduler::RemoveRecipients& action) {
  lists_.close(action.channel, action.id);
  const std::string path = layout_.path(scheduler::kind_of(action.channel), action.id);
  const bool removed = queue::remove_if_there(files_, path).has_value();
  handle(scheduler::RecipientsRemoved{action.channel, action.id, removed});
}

void SendExecutor::perform(const scheduler::RemoveInfo& action) {
  scan_.ended(action.id);
  const bool removed =
      queue::remove_if_there(files_, layout_.path(QueueKind::info, action.id)).has_value();
  handle(scheduler::InfoRemoved{action.id, removed});
}

void SendExecutor::perform(const scheduler::RemoveStrays& action) {
  lists_.close(action.id);
  for (const QueueKind kind : {QueueKind::local, QueueKind::remote, QueueKind::bounce}) {
    (void)queue::remove_if_there(files_, layout_.path(kind, action.id));
  }
}

void SendExecutor::perform(const scheduler::Retime& action) {
  const std::string path = layout_.path(scheduler::kind_of(action.channel), action.id);
  if (!files_.set_times(path, action.time)) {
    handle(scheduler::RetimeFailed{action.channel, action.id});
  }
}

void SendExecutor::perform(const scheduler::SetBirth& action) {
  if (!files_.set_times(layout_.path(QueueKind::info, action.id), action.birth)) {
    handle(scheduler::BirthNotSet{action.id});
  }
}

void SendExecutor::perform(const scheduler::Exit& /*action*/) {
  exited_ = true;
}

std::optional<SendExecutor::Clock> SendExecutor::wait_limit() const {
  return more_turns_ ? Clock(0) : scheduler_.wait(now_);
}

}  // namespace reqmail::send
