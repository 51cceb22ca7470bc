#include "mail/queue_names.h"

#include "base/number.h"
#include "base/text.h"

namespace reqmail::mail {

std::string_view kind_name(QueueKind kind) {
  switch (kind) {
  case QueueKind::mess:
    return "mess";
  case QueueKind::intd:
    return "intd";
  case QueueKind::todo:
    return "todo";
  case QueueKind::info:
    return "info";
  case QueueKind::local:
    return "local";
  case QueueKind::remote:
    return "remote";
  case QueueKind::bounce:
    break;
  }
  return "bounce";
}

bool is_split(QueueKind kind) {
  return kind == QueueKind::mess || kind == QueueKind::info || kind == QueueKind::local ||
         kind == QueueKind::remote;
}

std::string pid_path(std::string_view name) {
  return base::concat({kPidDirectory, "/", name});
}

std::string pid_path(std::uint64_t pid, base::Time now, std::uint64_t sequence) {
  return pid_path(base::concat({base::decimal(pid), ".",
                                base::decimal(static_cast<std::uint64_t>(base::to_epoch(now))),
                                ".", base::decimal(sequence)}));
}

std::string QueueLayout::path(QueueKind kind, MessageId id) const {
  return base::concat({directory(kind, id), "/", id.text()});
}

std::string QueueLayout::dsn_path(MessageId id) const {
  return base::concat({path(QueueKind::mess, id), kDsnEnd});
}

std::string QueueLayout::directory(QueueKind kind, MessageId id) const {
  return is_split(kind) ? subdirectory(kind, id.number() % split_)
                        : std::string(kind_name(kind));
}

std::string QueueLayout::subdirectory(QueueKind kind, std::uint64_t index) {
  return base::concat({kind_name(kind), "/", base::decimal(index)});
}

std::string QueueLayout::message_name(MessageId id) const {
  return base::concat({base::decimal(id.number() % split_), "/", id.text()});
}

}  // namespace reqmail::mail
