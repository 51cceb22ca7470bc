// Limits how long a program waits for a peer in all, however often the peer sends a byte.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

#include "base/time.h"

namespace reqmail::sys {

// The rate that a peer must keep up in a bulk transfer, and the time by which it may fall
// behind.
struct LeastRate {
  std::uint64_t bytes_per_second = 1024;
  std::chrono::milliseconds slack = base::Seconds(300);
};

// The deadline for one peer. The Reader and the Writer of its connection share it, and it must
// outlive both; the program sets it for each step of the session.
class Patience {
 public:
  // Sets a deadline for the next step, however many bytes it has: a command line and the
  // replies before it.
  void within(std::chrono::milliseconds time);

  // From now on the deadline moves with the bytes: it does not pass while the peer keeps up the
  // rate. This is for a message.
  void at_least(const LeastRate& rate);

  // Called when bytes were read or written.
  void moved(std::size_t bytes);

  // Returns the deadline on the clock of sys::monotonic(); before the first call it is the
  // greatest value.
  [[nodiscard]] std::chrono::milliseconds end() const { return end_; }

  [[nodiscard]] bool is_over() const;

 private:
  std::chrono::milliseconds end_ = std::chrono::milliseconds::max();
  bool by_rate_ = false;
  LeastRate rate_;
  std::uint64_t moved_ = 0;  // bytes that do not make up a second yet
};

}  // namespace reqmail::sys
