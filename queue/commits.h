// The last part of the transaction of queue/writer.h for many messages at a time: their syncs
// run beside the main loop and at once, and messages that wait for a sync of the same directory
// share one that begins after all of them have changed it.
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
  // thread for all else. Nobody else may submit tasks to `background`.
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
  class FileSync;
  class DirectorySync;

  struct Message {
    Writer* writer = nullptr;
    Clock until{};
    // The syncs of this stage that are not done.
    std::size_t left = 0;
    bool failed = false;
    bool is_linked = false;
  };

  struct SharedSync {
    bool running = false;
    // Those for which the running one counts, and those that came after it had begun.
    std::vector<std::uint64_t> served;
    std::vector<std::uint64_t> waiting;
  };

  void want_sync(const std::string& directory, std::uint64_t id);
  void start_wanted();
  void end_sync(const std::string& directory, bool durable, Clock now,
                std::vector<Result>& results);
  void step(std::uint64_t id, bool durable, Clock now, std::vector<Result>& results);
  // Returns nullopt if a sync of todo must follow.
  std::optional<int> end_stage(std::uint64_t id, Message& message, Clock now);

  Files& files_;
  sys::Background& background_;
  std::map<std::uint64_t, Message> messages_;
  std::map<std::string, SharedSync> directories_;
  // The directories whose syncs start_wanted() begins.
  std::vector<std::string> wanted_;
};

}  // namespace reqmail::queue
