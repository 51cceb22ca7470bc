// Names of queue files, relative to the queue directory. No other code makes them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/time.h"
#include "mail/message_id.h"

namespace reqmail::mail {

enum class QueueKind { mess, intd, todo, info, local, remote, bounce };

// It is the name of a directory too.
std::string_view kind_name(QueueKind kind);

// Whether files of this kind lie in numbered subdirectories: mess, info, local, remote.
bool is_split(QueueKind kind);

// Where qmail-queue makes the file of a message whose number is not known yet.
inline constexpr std::string_view kPidDirectory = "pid";

// A file there by the name that is listed: "pid/NAME".
std::string pid_path(std::string_view name);

// The name that a process takes at its try number `sequence`: "pid/4711.1700000000.1".
std::string pid_path(std::uint64_t pid, base::Time now, std::uint64_t sequence);

// How a queue is laid out: the number of subdirectories ("split") of mess, info, local, remote.
class QueueLayout {
 public:
  // `split` is at least 1.
  explicit QueueLayout(std::uint64_t split) : split_(split) {}

  [[nodiscard]] std::uint64_t split() const { return split_; }

  // "mess/7/145", "todo/145" ...
  [[nodiscard]] std::string path(QueueKind kind, MessageId id) const;

  // The directory of that file: "mess/7", "todo" ...
  [[nodiscard]] std::string directory(QueueKind kind, MessageId id) const;

  // Subdirectory number `index`, below split(): "info/7".
  [[nodiscard]] static std::string subdirectory(QueueKind kind, std::uint64_t index);

  // How the spawners and log lines name the message file, relative to mess: "7/145".
  [[nodiscard]] std::string message_name(MessageId id) const;

 private:
  std::uint64_t split_;
};

}  // namespace reqmail::mail
