// How long a peer is waited for in all, however often it sends a byte.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

#include "base/time.h"

namespace reqmail::sys {

// What a peer has to keep up in a bulk transfer: bytes a second, and how far behind it may
// fall.
struct LeastRate {
  std::uint64_t bytes_per_second = 1024;
  std::chrono::milliseconds slack = base::Seconds(300);
};

// The end of waiting for one peer. The Reader and the Writer of its connection share it, and
// it must outlive both; the program says what the peer is at.
class Patience {
 public:
  // So much time from now for what comes next, however many bytes it is made of: a command
  // line and the replies before it.
  void within(std::chrono::milliseconds time);

  // From now on as long as the peer keeps up the rate: a message.
  void at_least(const LeastRate& rate);

  // Bytes came or went.
  void moved(std::size_t bytes);

  // On the clock of sys::monotonic(); the greatest value before the first call.
  [[nodiscard]] std::chrono::milliseconds end() const { return end_; }

  [[nodiscard]] bool is_over() const;

 private:
  std::chrono::milliseconds end_ = std::chrono::milliseconds::max();
  bool by_rate_ = false;
  LeastRate rate_;
  std::uint64_t moved_ = 0;  // what has not yet been turned into time
};

}  // namespace reqmail::sys
