#include "queue/split.h"

#include <cerrno>
#include <string>

#include "config.h"
#include "mail/queue_names.h"
#include "mail/queue_split.h"

namespace reqmail::queue {

namespace {

bool is_directory(Files& files, const std::string& path) {
  const auto status = files.status(path);
  return status && status->directory;
}

}  // namespace

Result<std::uint64_t> count_split(Files& files) {
  const mail::QueueView view{
      [&files](const std::string& path) { return is_directory(files, path); },
      [&files](const std::string& path) { return files.list(path); }};
  return mail::count_split(view, config::kSplit);
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
  return is_directory(files, mail::QueueLayout::subdirectory(mail::QueueKind::todo, 0));
}

}  // namespace reqmail::queue
