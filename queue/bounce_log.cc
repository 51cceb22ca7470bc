#include "queue/bounce_log.h"

#include <cerrno>

namespace reqmail::queue {

namespace {
constexpr mode_t kMode = 0600;
}  // namespace

Result<void> append_bounce(Files& files, mail::QueueLayout layout, mail::MessageId id,
                           std::string_view paragraph) {
  const std::string path = layout.path(mail::QueueKind::bounce, id);
  auto file = files.open_append(path);
  const bool create = !file && file.error().error == ENOENT;
  if (create) {
    file = files.create(path, kMode);
  }
  if (!file) {
    return file.error();
  }
  if (auto written = (*file)->write(paragraph); !written) {
    return written;
  }
  if (auto synced = (*file)->sync(); !synced) {
    return synced;
  }
  // This is done for an existing file too: the process that created it may have failed or died
  // before it synced the directory.
  return files.sync_directory(layout.directory(mail::QueueKind::bounce, id));
}

Result<std::unique_ptr<File>> open_bounce(Files& files, mail::QueueLayout layout,
                                          mail::MessageId id) {
  return files.open_read(layout.path(mail::QueueKind::bounce, id));
}

Result<void> remove_bounce(Files& files, mail::QueueLayout layout, mail::MessageId id) {
  return remove_if_there(files, layout.path(mail::QueueKind::bounce, id));
}

}  // namespace reqmail::queue
