#include "local/mbox_writer.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string_view>

#include "base/text.h"
#include "mail/mbox_text.h"
#include "sys/deadline.h"
#include "sys/error.h"
#include "sys/exits.h"
#include "sys/file.h"
#include "sys/lock.h"
#include "sys/stream.h"

namespace reqmail::local {

namespace {

constexpr mode_t kMboxMode = 0600;
constexpr std::size_t kWriteBuffer = std::size_t{64} << 10;

Failure unable(std::string_view verb, const std::string& path, int error,
               std::string_view status) {
  return temporary(base::concat({"Unable to ", verb, " ", path, ": ", sys::error_text(error),
                                 ". (", status, ")"}),
                   error);
}

// Returns whether the name now belongs to another file: while this process waited for the lock,
// a mail reader or maildir2mbox has replaced the mbox, so nobody would read this one.
bool was_replaced(const std::string& path, int fd) {
  const auto ours = sys::status(fd);
  const auto named = sys::status(path);
  if (!named) {
    return named.error().error == ENOENT;
  }
  return ours && (ours->st_ino != named->st_ino || ours->st_dev != named->st_dev);
}

// Returns false if the file cannot be locked at all (the file system has no locks); the message
// is delivered even then.
bool lock_mbox(int fd) {
  if (sys::try_lock_exclusive(fd)) {
    return true;
  }
  const sys::Deadline deadline(base::Seconds(kMboxLockSeconds),
                               {sys::kExitTemporary, STDERR_FILENO,
                                "File has been locked for 30 seconds straight. (#4.3.0)\n"});
  return sys::lock_exclusive(fd).has_value();
}

Result<void> append_message(int fd, const std::string& path, const TraceLines& trace,
                            MessageFile& message) {
  sys::Writer writer(fd, kWriteBuffer);
  auto written = writer.put(base::concat({trace.from, trace.return_path, trace.delivered_to}));
  mail::MboxText text;
  std::string quoted;
  while (written) {
    const auto piece = message.next();
    if (!piece) {
      return piece.error();
    }
    quoted.clear();
    if (piece->empty()) {
      text.finish(quoted);
      written = writer.put(quoted);
      break;
    }
    text.add(*piece, quoted);
    written = writer.put(quoted);
  }
  if (written) {
    written = writer.flush();
  }
  if (written) {
    written = sys::sync(fd);
  }
  if (!written) {
    return unable("write", path, written.error().error, "#4.3.0");
  }
  return {};
}

// Makes the name of a new file durable. If the directory cannot be opened for reading, or the
// name is a symbolic link, the whole file system is synced.
Result<void> sync_new_name(const std::string& path, int fd) {
  const auto status = sys::link_status(path);
  if (!status || S_ISLNK(status->st_mode)) {
    return sys::sync_file_system(fd);
  }
  auto synced = sys::sync_directory(sys::directory_of(path));
  if (!synced && synced.error().error == EACCES) {
    return sys::sync_file_system(fd);
  }
  return synced;
}

}  // namespace

Result<void> deliver_to_mbox(const std::string& path, const TraceLines& trace,
                             MessageFile& message) {
  if (auto rewound = message.rewind(); !rewound) {
    return rewound;
  }
  sys::Fd mbox;
  bool locked = false;
  do {
    // The open must not wait, since the path may be a FIFO that no process reads.
    auto opened = sys::open_append_nonblocking(path, kMboxMode);
    if (!opened) {
      return unable("open", path, opened.error().error, "#4.2.1");
    }
    mbox = *std::move(opened);
    locked = lock_mbox(mbox.get());
  } while (locked && was_replaced(path, mbox.get()));
  const off_t old_length = ::lseek(mbox.get(), 0, SEEK_END);
  auto appended = append_message(mbox.get(), path, trace, message);
  // An empty file may be new, either created here or by a delivery that crashed before it
  // synced the name.
  if (appended && old_length == 0) {
    if (auto synced = sync_new_name(path, mbox.get()); !synced) {
      appended = unable("write", path, synced.error().error, "#4.3.0");
    }
  }
  if (!appended && locked && old_length >= 0) {
    // If this fails too, nothing can be done; the message is delivered again later.
    (void)!::ftruncate(mbox.get(), old_length);
  }
  return appended;
}

}  // namespace reqmail::local
