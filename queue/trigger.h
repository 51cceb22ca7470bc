// lock/trigger: the FIFO by which qmail-queue wakes qmail-send.
#pragma once

#include "base/result.h"
#include "sys/fd.h"

namespace reqmail::queue {

// Wakes qmail-send where it runs; no failure matters, since it looks into todo by itself later.
void pull_trigger();

// qmail-send's side.
class Trigger {
 public:
  // Opens the FIFO afresh. Whoever calls this looks into todo afterwards: a pull that came
  // before is forgotten. A Failure (no FIFO there, or one that qmail-queue may not write to)
  // leaves it without descriptor.
  Result<void> arm();

  // Takes what was written by those who pulled, so that it is not readable until it is pulled
  // again: others may hold the FIFO open, and keep in it what nobody reads.
  void read_empty();

  // Whether another file has taken the FIFO's place, or its mode has changed.
  [[nodiscard]] bool outdated() const;

  // Readable once somebody has pulled; -1 where there is no FIFO.
  [[nodiscard]] int fd() const { return read_.get(); }

 private:
  sys::Fd read_;
  // Without a writer of its own the reader would see an end of file after each pull.
  sys::Fd write_;
};

}  // namespace reqmail::queue
