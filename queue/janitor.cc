#include "queue/janitor.h"

#include <cerrno>

#include "mail/queue_names.h"

namespace reqmail::queue {

namespace {

// This uses the time of last access, as in qmail; on file systems that do not record accesses
// it is that of creation.
bool is_old(const FileStatus& status, base::Time now) {
  return now > status.accessed + kOssified;
}

bool is_missing(Files& files, const std::string& path) {
  const auto status = files.status(path);
  return !status && status.error().error == ENOENT;
}

}  // namespace

bool is_leftover(Files& files, mail::QueueLayout layout, mail::MessageId id, base::Time now) {
  const auto mess = files.status(layout.path(mail::QueueKind::mess, id));
  if (!mess || !is_old(*mess, now)) {
    return false;
  }
  // todo/N must be examined first: qmail-send creates info/N before it removes todo/N, so at
  // least one of them is found while a message is preprocessed.
  return is_missing(files, layout.path(mail::QueueKind::todo, id)) &&
         is_missing(files, layout.path(mail::QueueKind::info, id));
}

Result<void> sweep_pid_files(Files& files, base::Time now) {
  const auto names = files.list(std::string(mail::kPidDirectory));
  if (!names) {
    return names.error();
  }
  for (const std::string& name : *names) {
    const std::string path = mail::pid_path(name);
    const auto status = files.status(path);
    if (status && is_old(*status, now)) {
      (void)files.unlink(path);
    }
  }
  return {};
}

}  // namespace reqmail::queue
