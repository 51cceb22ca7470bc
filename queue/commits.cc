#include "queue/commits.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "mail/verdict_codec.h"

namespace reqmail::queue {

namespace exits = mail::queue_exit;

// What one thread does without the main loop.
class Commits::Sync : public sys::Task {
 public:
  // Called by the main loop when that is done.
  virtual void end(Commits& commits, Clock now, std::vector<Result>& results) const = 0;
};

class Commits::ContentsSync final : public Sync {
 public:
  ContentsSync(Files& files, std::uint64_t id, std::vector<File*> contents,
               std::string directory)
      : files_(files),
        id_(id),
        contents_(std::move(contents)),
        directory_(std::move(directory)) {}

  void work() override {
    durable_ = std::all_of(contents_.begin(), contents_.end(),
                           [](File* file) { return file->sync().has_value(); }) &&
               (directory_.empty() || files_.sync_directory(directory_));
  }

  void end(Commits& commits, Clock now, std::vector<Result>& results) const override {
    commits.step(id_, durable_, now, results);
  }

 private:
  Files& files_;
  std::uint64_t id_;
  std::vector<File*> contents_;
  std::string directory_;
  bool durable_ = false;
};

class Commits::TodoSync final : public Sync {
 public:
  TodoSync(Files& files, std::string path) : files_(files), path_(std::move(path)) {}

  void work() override { durable_ = files_.sync_directory(path_).has_value(); }

  void end(Commits& commits, Clock now, std::vector<Result>& results) const override {
    commits.end_todo_sync(durable_, now, results);
  }

 private:
  Files& files_;
  std::string path_;
  bool durable_ = false;
};

void Commits::begin(std::uint64_t id, Writer& writer, Clock until) {
  Writer::Syncs syncs = writer.begin_sync();
  const bool is_alone = messages_.empty();
  messages_[id] = Message{.writer = &writer, .until = until};
  if (is_alone) {
    for (File* file : syncs.files) {
      begin_sync(id, {file}, {});
    }
    syncs.files.clear();
  }
  begin_sync(id, std::move(syncs.files), std::move(syncs.directory));
}

void Commits::begin_sync(std::uint64_t id, std::vector<File*> contents, std::string directory) {
  ++messages_[id].left;
  background_.submit(
      std::make_unique<ContentsSync>(files_, id, std::move(contents), std::move(directory)));
}

// A sync that runs may have begun before the last links, so it does not count for them.
void Commits::begin_todo_sync() {
  if (todo_sync_runs_ || waiting_.empty()) {
    return;
  }
  todo_sync_runs_ = true;
  served_ = std::exchange(waiting_, {});
  background_.submit(std::make_unique<TodoSync>(files_, todo_directory_));
}

std::vector<Commits::Result> Commits::collect(Clock now) {
  std::vector<Result> results;
  for (const auto& task : background_.take_done()) {
    static_cast<const Sync&>(*task).end(*this, now, results);
  }
  // It comes after all links of this turn, which share it.
  begin_todo_sync();
  return results;
}

void Commits::end_todo_sync(bool durable, Clock now, std::vector<Result>& results) {
  todo_sync_runs_ = false;
  for (const std::uint64_t id : std::exchange(served_, {})) {
    step(id, durable, now, results);
  }
}

void Commits::step(std::uint64_t id, bool durable, Clock now, std::vector<Result>& results) {
  Message& message = messages_.at(id);
  message.failed = message.failed || !durable;
  if (--message.left > 0) {
    return;
  }
  if (const auto code = end_stage(id, message, now)) {
    messages_.erase(id);
    results.push_back({id, *code});
  }
}

std::optional<int> Commits::end_stage(std::uint64_t id, Message& message, Clock now) {
  if (message.is_linked) {
    return message.writer->end_commit(!message.failed);
  }
  if (message.failed) {
    return exits::kWrite;
  }
  if (now >= message.until) {
    return exits::kTimeout;
  }
  if (const int failed = message.writer->link_todo(); failed != 0) {
    return failed;
  }
  message.is_linked = true;
  message.left = 1;
  todo_directory_ = message.writer->todo_directory();
  waiting_.push_back(id);
  return std::nullopt;
}

}  // namespace reqmail::queue
