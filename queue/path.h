// Names of queue files, relative to the queue directory. No other code makes them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "mail/message_id.h"

namespace reqmail::queue {

class Files;

enum class Kind { mess, intd, todo, info, local, remote, bounce };

std::string_view kind_name(Kind kind);

// Whether files of this kind lie in numbered subdirectories: mess, info, local, remote.
bool is_split(Kind kind);

// How a queue is laid out: the number of subdirectories ("split") of mess, info, local, remote.
class Layout {
 public:
  // `split` is at least 1.
  explicit Layout(std::uint64_t split) : split_(split) {}

  [[nodiscard]] std::uint64_t split() const { return split_; }

  // "mess/7/145", "todo/145" ...
  [[nodiscard]] std::string path(Kind kind, mail::MessageId id) const;

  // The directory of that file: "mess/7", "todo" ...
  [[nodiscard]] std::string directory(Kind kind, mail::MessageId id) const;

  // Subdirectory number `index`, below split(): "info/7".
  [[nodiscard]] static std::string subdirectory(Kind kind, std::uint64_t index);

  // How the spawners and log lines name the message file, relative to mess: "7/145".
  [[nodiscard]] std::string message_name(mail::MessageId id) const;

 private:
  std::uint64_t split_;
};

// Counts the subdirectories of mess, once per process: one more than the highest number. Two
// calls of stat(2) settle it where the number is the configured one. 0 where there is no
// subdirectory at all.
Result<std::uint64_t> count_split(Files& files);

// Whether a subdirectory below `split` is missing in mess, info, local or remote. qmail-send
// alone looks.
bool has_holes(Files& files, std::uint64_t split);

// Whether todo is divided into subdirectories too (the big-todo patch), which only
// qmail-upgrade can read: such a todo has a directory named 0, which is no message's number.
bool todo_is_split(Files& files);

}  // namespace reqmail::queue
