#include "queue/split.h"

#include <algorithm>
#include <cerrno>
#include <string>

#include "config.h"
#include "mail/message_id.h"
#include "mail/queue_names.h"

namespace reqmail::queue {

namespace {

bool is_directory(Files& files, const std::string& path) {
  const auto status = files.status(path);
  return status && status->directory;
}

}  // namespace

Result<std::uint64_t> count_split(Files& files) {
  if (is_directory(
          files, mail::QueueLayout::subdirectory(mail::QueueKind::mess, config::kSplit - 1)) &&
      !is_directory(files,
                    mail::QueueLayout::subdirectory(mail::QueueKind::mess, config::kSplit))) {
    return config::kSplit;
  }
  const auto names = files.list(std::string(mail::kind_name(mail::QueueKind::mess)));
  if (!names) {
    return names.error();
  }
  std::uint64_t split = 0;
  for (const std::string& name : *names) {
    const auto id = mail::MessageId::parse(name);
    if (id && is_directory(files, mail::QueueLayout::subdirectory(mail::QueueKind::mess,
                                                                  id->number()))) {
      split = std::max(split, id->number() + 1);
    }
  }
  return split;
}

bool has_holes(Files& files, std::uint64_t split) {
  for (const mail::QueueKind kind : {mail::QueueKind::mess, mail::QueueKind::info,
                                     mail::QueueKind::local, mail::QueueKind::remote}) {
    for (std::uint64_t index = 0; index < split; ++index) {
      const auto status = files.status(mail::QueueLayout::subdirectory(kind, index));
      if (status ? !status->directory : status.error().error == ENOENT) {
        return true;
      }
    }
  }
  return false;
}

bool todo_is_split(Files& files) {
  return is_directory(files, "todo/0");
}

}  // namespace reqmail::queue
