// lock/trigger: the FIFO by which qmail-queue wakes qmail-send.
#pragma once

#include "base/result.h"
#include "sys/fd.h"

namespace reqmail::queue {

// Wakes qmail-send if it runs. Errors do not matter, since qmail-send also examines todo from
// time to time.
void pull_trigger();

// The trigger as qmail-send uses it.
class Trigger {
 public:
  // Opens the FIFO again. The caller must examine todo afterwards, since earlier pulls are
  // forgotten. After a Failure (there is no FIFO, or qmail-queue may not write it) there is no
  // descriptor.
  Result<void> arm();

  // Reads the bytes of earlier pulls, so that the FIFO is readable only after another pull.
  // Bytes would stay in it as long as another process has it open.
  void read_empty();

  // Returns whether another file has replaced the FIFO, or its mode has changed.
  [[nodiscard]] bool outdated() const;

  // Returns the descriptor that is readable after a pull; -1 if there is no FIFO.
  [[nodiscard]] int fd() const { return read_.get(); }

 private:
  sys::Fd read_;
  // If no process had the FIFO open for writing, the reader would get end of file after each
  // pull.
  sys::Fd write_;
};

}  // namespace reqmail::queue
