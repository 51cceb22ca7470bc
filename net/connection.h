// A connection to a peer: bytes in, bytes out, with time limits. An interface, so that what
// speaks over it neither knows whether TLS lies between nor needs a network in its tests.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "sys/fd.h"

namespace reqmail::net {

class Connection {
 public:
  Connection() = default;
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  Connection(Connection&&) = delete;
  Connection& operator=(Connection&&) = delete;
  virtual ~Connection() = default;

  // At least one byte, 0 at end of file. Failure.error is the errno, ETIMEDOUT when time ran
  // out.
  virtual Result<std::size_t> read(char* buffer, std::size_t size) = 0;

  // All of it.
  virtual Result<void> write(std::string_view bytes) = 0;

  // From now on nothing waits beyond this moment of sys::monotonic().
  virtual void stop_at(std::chrono::milliseconds end) = 0;
};

// The longest that a session takes which carries so many bytes: ten minutes, and the time that
// they need at the least rate.
inline constexpr base::Seconds kSessionBase(600);
inline constexpr std::uint64_t kLeastBytesPerSecond = 1024;
base::Seconds session_time(std::uint64_t bytes);

// A connected, non-blocking socket. Each read, and each step of a write, waits at most
// `timeout`, and nothing waits beyond `session` from the making of the object, or what
// stop_at() said last, however little the peer sends at a time.
class SocketConnection : public Connection {
 public:
  SocketConnection(sys::Fd socket, base::Seconds timeout, base::Seconds session);

  Result<std::size_t> read(char* buffer, std::size_t size) override;
  Result<void> write(std::string_view bytes) override;

  void stop_at(std::chrono::milliseconds end) override { end_ = end; }

  // For what will speak over it in place of this object.
  [[nodiscard]] int fd() const { return socket_.get(); }

 private:
  Result<void> wait(short events) const;

  sys::Fd socket_;
  // The peer was just written to, so its answer is hardly there yet.
  bool answer_pending_ = false;
  std::chrono::milliseconds timeout_;
  std::chrono::milliseconds end_;
};

}  // namespace reqmail::net
