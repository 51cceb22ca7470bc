// Makes the names of queue files, relative to the queue directory. In folders that work on the
// queue no other code does, apart from the exceptions in tools/promises.txt.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/time.h"
#include "mail/message_id.h"

namespace reqmail::mail {

enum class QueueKind { mess, intd, todo, info, local, remote, bounce };

// Returns the name of the kind, which is also that of its directory.
std::string_view kind_name(QueueKind kind);

// Returns whether files of this kind are in numbered subdirectories: mess, info, local, remote.
bool is_split(QueueKind kind);

// The directory in which qmail-queue makes the file of a message whose number is not known yet.
inline constexpr std::string_view kPidDirectory = "pid";

// What the name of a file in mess ends in that has the wishes of the sender of the message.
inline constexpr std::string_view kDsnEnd = ".dsn";

// Returns the path of a file in it: "pid/NAME".
std::string pid_path(std::string_view name);

// Returns the path that a process uses at its try number `sequence`: "pid/4711.1700000000.1".
std::string pid_path(std::uint64_t pid, base::Time now, std::uint64_t sequence);

// The layout of a queue: the number of subdirectories (the "split") of mess, info, local and
// remote.
class QueueLayout {
 public:
  // `split` is at least 1.
  explicit QueueLayout(std::uint64_t split) : split_(split) {}

  [[nodiscard]] std::uint64_t split() const { return split_; }

  // Returns the path of a file: "mess/7/145", "todo/145" ...
  [[nodiscard]] std::string path(QueueKind kind, MessageId id) const;

  // Returns the path of the file that has what the sender of a message wants to be told
  // (mail/dsn.h): "mess/7/145.dsn".
  [[nodiscard]] std::string dsn_path(MessageId id) const;

  // Returns the directory of that file: "mess/7", "todo" ...
  [[nodiscard]] std::string directory(QueueKind kind, MessageId id) const;

  // Returns the path of subdirectory number `index`, which is below split(): "info/7".
  [[nodiscard]] static std::string subdirectory(QueueKind kind, std::uint64_t index);

  // Returns the name of the message file relative to mess, as spawners and log lines use it:
  // "7/145".
  [[nodiscard]] std::string message_name(MessageId id) const;

 private:
  std::uint64_t split_;
};

}  // namespace reqmail::mail
