#include "queue/commits.h"

#include <memory>
#include <utility>

#include "mail/verdict_codec.h"

namespace reqmail::queue {

namespace exits = mail::queue_exit;

// One call of fsync(2), which a thread makes.
class Commits::Sync : public sys::Task {
 public:
  // Called by the main loop when the call has returned.
  virtual void end(Commits& commits, Clock now, std::vector<Result>& results) const = 0;
};

class Commits::FileSync final : public Sync {
 public:
  FileSync(std::uint64_t id, File& file) : id_(id), file_(file) {}

  void work() override { durable_ = file_.sync().has_value(); }

  void end(Commits& commits, Clock now, std::vector<Result>& results) const override {
    commits.step(id_, durable_, now, results);
  }

 private:
  std::uint64_t id_;
  File& file_;
  bool durable_ = false;
};

class Commits::DirectorySync final : public Sync {
 public:
  DirectorySync(Files& files, std::string path) : files_(files), path_(std::move(path)) {}

  void work() override { durable_ = files_.sync_directory(path_).has_value(); }

  void end(Commits& commits, Clock now, std::vector<Result>& results) const override {
    commits.end_sync(path_, durable_, now, results);
  }

 private:
  Files& files_;
  std::string path_;
  bool durable_ = false;
};

void Commits::begin(std::uint64_t id, Writer& writer, Clock until) {
  const Writer::Syncs syncs = writer.begin_sync();
  messages_[id] = Message{.writer = &writer, .until = until, .left = syncs.files.size() + 1};
  for (File* file : syncs.files) {
    background_.submit(std::make_unique<FileSync>(id, *file));
  }
  want_sync(syncs.directory, id);
  start_wanted();
}

void Commits::want_sync(const std::string& directory, std::uint64_t id) {
  SharedSync& sync = directories_[directory];
  sync.waiting.push_back(id);
  // A sync that runs may have begun before this message's change, so it does not count for it.
  if (!sync.running && sync.waiting.size() == 1) {
    wanted_.push_back(directory);
  }
}

void Commits::start_wanted() {
  for (const std::string& directory : std::exchange(wanted_, {})) {
    SharedSync& sync = directories_[directory];
    sync.running = true;
    sync.served = std::exchange(sync.waiting, {});
    background_.submit(std::make_unique<DirectorySync>(files_, directory));
  }
}

std::vector<Commits::Result> Commits::collect(Clock now) {
  std::vector<Result> results;
  for (const auto& task : background_.take_done()) {
    static_cast<const Sync&>(*task).end(*this, now, results);
  }
  start_wanted();
  return results;
}

void Commits::end_sync(const std::string& directory, bool durable, Clock now,
                       std::vector<Result>& results) {
  SharedSync& sync = directories_[directory];
  for (const std::uint64_t id : std::exchange(sync.served, {})) {
    step(id, durable, now, results);
  }
  sync.running = false;
  if (!sync.waiting.empty()) {
    wanted_.push_back(directory);
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
  want_sync(message.writer->todo_directory(), id);
  return std::nullopt;
}

}  // namespace reqmail::queue
