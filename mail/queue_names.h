// Names of queue files, relative to the queue directory. No other code makes them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "mail/message_id.h"

namespace reqmail::mail {

enum class QueueKind { mess, intd, todo, info, local, remote, bounce };

std::string_view kind_name(QueueKind kind);

// Whether files of this kind lie in numbered subdirectories: mess, info, local, remote.
bool is_split(QueueKind kind);

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
