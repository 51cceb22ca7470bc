// One message on its way into a maildir, step by step, so that several can take each step
// together.
#pragma once

#include <string>
#include <utility>

#include "base/result.h"
#include "local/message_file.h"
#include "local/trace_lines.h"
#include "sys/deadline.h"
#include "sys/fd.h"

namespace reqmail::local {

// The steps, in this order: create, write, sync, move, then sync_new for its directory, then
// keep. Each Failure is the delivery's. The file goes when this object goes before keep().
// Paths are relative to the working directory, which must stay the same.
class NewMessage {
 public:
  // `maildir` ends with '/'; `sequence` counts the messages of this process from 1. The
  // deadline, which must live longer, removes the file when time is up.
  NewMessage(std::string maildir, unsigned sequence, sys::Deadline* deadline = nullptr)
      : maildir_(std::move(maildir)), sequence_(sequence), deadline_(deadline) {}

  NewMessage(const NewMessage&) = delete;
  NewMessage& operator=(const NewMessage&) = delete;
  NewMessage(NewMessage&&) = delete;
  NewMessage& operator=(NewMessage&&) = delete;
  ~NewMessage();

  // The file in tmp/.
  Result<void> create();

  // `message` from where it stands.
  Result<void> write(const TraceLines& trace, MessageFile& message);

  // The content is on disk.
  Result<void> sync();

  // The name in new/ instead of the one in tmp/.
  Result<void> move();

  // The name is on disk.
  void keep();

  // For sync_new().
  [[nodiscard]] int fd() const { return file_.get(); }

 private:
  void set_path(std::string path);

  std::string maildir_;
  unsigned sequence_;
  sys::Deadline* deadline_;
  std::string name_;
  sys::Fd file_;
  std::string path_;
};

// Whether `maildir` is a directory that may be searched.
Result<void> check_maildir(const std::string& maildir);

// The directory new/ of a maildir, open to be synced; not valid where it may be written but not
// read.
Result<sys::Fd> open_new(const std::string& maildir);

// All names in it are on disk. `file`: an open file of the maildir, whose file system is synced
// where the directory is not open.
Result<void> sync_new(const sys::Fd& directory, int file);

}  // namespace reqmail::local
