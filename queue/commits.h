// The last part of the transaction of queue/writer.h for many messages at a time: their syncs
// run beside the main loop and at once, and messages that wait for a sync of todo share one
// that begins after all of them have changed it.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "queue/files.h"
#include "queue/writer.h"
#include "sys/background.h"

namespace reqmail::queue {

class Commits {
 public:
  // A time of sys::monotonic().
  using Clock = std::chrono::milliseconds;

  // `files` is used by the threads of `background` for syncs of directories, and by the calling
  // thread for all else. A message that comes alone has its syncs made at the same time by
  // several threads. Where others are under way, one thread makes all of a message: there is no
  // lack of syncs at the same time then, and each thread that is woken has its price. Nobody
  // else may submit tasks to `background`.
  Commits(Files& files, sys::Background& background) : files_(files), background_(background) {}

  // Begins with a message whose envelope is complete. `id` is the caller's number for it. The
  // Writer must exist until collect() has returned the result. If its contents are on disk only
  // after `until`, qmail-clean might already have removed them, so the message is given up.
  void begin(std::uint64_t id, Writer& writer, Clock until);

  struct Result {
    std::uint64_t id = 0;
    // 0 if the message is in the queue durably, or the exit code of qmail-queue(8).
    int code = 0;
  };

  // Goes on with what `background` has done. Returns the messages that have come to their end.
  std::vector<Result> collect(Clock now);

  // Returns how many messages have not.
  [[nodiscard]] std::size_t size() const { return messages_.size(); }

 private:
  class Sync;
  class ContentsSync;
  class TodoSync;

  struct Message {
    Writer* writer = nullptr;
    Clock until{};
    // The syncs of this stage that are not done.
    std::size_t left = 0;
    bool failed = false;
    bool is_linked = false;
  };

  void begin_sync(std::uint64_t id, std::vector<File*> contents, std::string directory);
  void begin_todo_sync();
  void end_todo_sync(bool durable, Clock now, std::vector<Result>& results);
  void step(std::uint64_t id, bool durable, Clock now, std::vector<Result>& results);
  // Returns nullopt if a sync of todo must follow.
  std::optional<int> end_stage(std::uint64_t id, Message& message, Clock now);

  Files& files_;
  sys::Background& background_;
  std::map<std::uint64_t, Message> messages_;
  std::string todo_directory_;
  // Whether a sync of todo runs, for which messages it counts, and which came after it had
  // begun.
  bool todo_sync_runs_ = false;
  std::vector<std::uint64_t> served_;
  std::vector<std::uint64_t> waiting_;
};

}  // namespace reqmail::queue
