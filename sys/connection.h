// A connected peer: bytes in, bytes out, with time limits. One interface for a peer in clear
// and one in TLS, so that what talks to the peer does not know which it is and needs no network
// in its tests.
//
// Implementations: DescriptorConnection (below) over the descriptors a program was started
// with, net::SocketConnection over a socket that this program connected, tls::Connection over
// either.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"

namespace reqmail::sys {

// What is known of a connection in TLS.
struct TlsFacts {
  std::string cipher;  // OpenSSL's name, such as "TLS_AES_256_GCM_SHA384"
};

// A Failure has the errno, ETIMEDOUT when a time limit passed.
class Connection {
 public:
  Connection() = default;
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  Connection(Connection&&) = delete;
  Connection& operator=(Connection&&) = delete;
  virtual ~Connection() = default;

  // Reads at least one byte, and waits for it if need be; 0 at end of file.
  virtual Result<std::size_t> read(char* buffer, std::size_t size) = 0;

  // Writes at least one byte, and waits until that is possible; `bytes` is not empty. Returns how
  // many bytes were written.
  virtual Result<std::size_t> write_some(std::string_view bytes) = 0;

  // Writes all of it.
  Result<void> write(std::string_view bytes);

  // From now on nothing waits beyond this moment of sys::monotonic().
  virtual void stop_at(std::chrono::milliseconds end) = 0;

  // Tells the peer in TLS that nothing more will come, without waiting for its answer. In clear
  // this does nothing.
  virtual void close() {}

  // Whether a read returns at once, as far as the connection knows without asking the system.
  [[nodiscard]] virtual bool has_more() const { return false; }

  // Absent if the connection is in clear.
  [[nodiscard]] virtual std::optional<TlsFacts> tls() const { return std::nullopt; }

  // The descriptors it moves bytes over, for what is to speak TLS there in its place. -1: none.
  [[nodiscard]] virtual int input() const { return -1; }

  [[nodiscard]] virtual int output() const { return -1; }
};

// A peer in clear at descriptors that this object does not own and that may block, as they do
// where other programs share them. Without a time limit it makes no call but read(2) and
// write(2).
class DescriptorConnection final : public Connection {
 public:
  // Each wait for the peer lasts at most `timeout`, if there is one.
  DescriptorConnection(int input, int output,
                       std::optional<base::Seconds> timeout = std::nullopt);

  Result<std::size_t> read(char* buffer, std::size_t size) override;
  Result<std::size_t> write_some(std::string_view bytes) override;

  void stop_at(std::chrono::milliseconds end) override { end_ = end; }

  [[nodiscard]] bool has_more() const override;

  [[nodiscard]] int input() const override { return input_; }

  [[nodiscard]] int output() const override { return output_; }

  // Replaces the limit of each wait.
  void wait_at_most(std::optional<base::Seconds> timeout) { timeout_ = timeout; }

  // From now on a read takes nothing after a line feed, so that another program can go on with
  // the descriptor. Costs some system calls for each line, and with a pipe for each byte.
  void stop_at_line_ends() { stops_at_line_ends_ = true; }

 private:
  [[nodiscard]] bool has_limit() const;
  [[nodiscard]] Result<void> wait(int fd, short events) const;
  Result<std::size_t> read_ready(char* buffer, std::size_t size) const;

  int input_;
  int output_;
  std::optional<base::Seconds> timeout_;
  std::chrono::milliseconds end_ = std::chrono::milliseconds::max();
  bool stops_at_line_ends_ = false;
};

}  // namespace reqmail::sys
