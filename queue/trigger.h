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
  // Opens the FIFO afresh, so that it is not readable until it is pulled again. Whoever calls
  // this looks into todo afterwards: a pull that came before is forgotten. A Failure (no such
  // FIFO ...) leaves it without descriptor.
  Result<void> arm();

  // Readable once somebody has pulled; -1 where there is no FIFO.
  [[nodiscard]] int fd() const { return read_.get(); }

 private:
  sys::Fd read_;
  // Without a writer of its own the reader would see an end of file after each pull.
  sys::Fd write_;
};

}  // namespace reqmail::queue
