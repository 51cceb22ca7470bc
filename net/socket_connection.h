// A connection in clear over a socket that this program has connected.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "sys/connection.h"
#include "sys/fd.h"

namespace reqmail::net {

// Returns the longest time of a session that transfers this many bytes: ten minutes, and the
// time that the bytes take at the least rate.
inline constexpr base::Seconds kSessionBase(600);
inline constexpr std::uint64_t kLeastBytesPerSecond = 1024;
base::Seconds session_time(std::uint64_t bytes);

// A connected, non-blocking socket. Each read and each step of a write waits at most `timeout`.
// The session ends `session` after the object was made, or at the time last passed to
// stop_at(), however the peer divides its bytes; no call waits longer than that.
class SocketConnection final : public sys::Connection {
 public:
  SocketConnection(sys::Fd socket, base::Seconds timeout, base::Seconds session);

  Result<std::size_t> read(char* buffer, std::size_t size) override;
  Result<std::size_t> write_some(std::string_view bytes) override;

  void stop_at(std::chrono::milliseconds end) override { end_ = end; }

  [[nodiscard]] int input() const override { return socket_.get(); }

  [[nodiscard]] int output() const override { return socket_.get(); }

 private:
  [[nodiscard]] Result<void> wait(short events) const;

  sys::Fd socket_;
  // Something was just written to the peer, so its answer has hardly come yet.
  bool answer_pending_ = false;
  std::chrono::milliseconds timeout_;
  std::chrono::milliseconds end_;
};

}  // namespace reqmail::net
