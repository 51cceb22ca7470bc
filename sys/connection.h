// A connection to a peer, with time limits. The interface is the same in clear and in TLS, so
// that the code above it need not know which it is, and its tests need no network.
//
// Implementations: DescriptorConnection (below) over descriptors that a program was started
// with, net::SocketConnection over a socket that the program has connected, tls::Connection
// over either.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"

namespace reqmail::sys {

// Properties of a connection in TLS.
struct TlsFacts {
  std::string cipher;  // OpenSSL's name, such as "TLS_AES_256_GCM_SHA384"
};

// In all functions a Failure has the errno; it is ETIMEDOUT if a time limit passed.
class Connection {
 public:
  Connection() = default;
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  Connection(Connection&&) = delete;
  Connection& operator=(Connection&&) = delete;
  virtual ~Connection() = default;

  // Reads at least one byte and waits for it if necessary; returns 0 at end of file.
  virtual Result<std::size_t> read(char* buffer, std::size_t size) = 0;

  // Writes at least one byte and waits until that is possible; `bytes` must not be empty.
  // Returns the number of bytes written.
  virtual Result<std::size_t> write_some(std::string_view bytes) = 0;

  // Writes all bytes.
  Result<void> write(std::string_view bytes);

  // Sets the moment of sys::monotonic() after which no call waits any more.
  virtual void stop_at(std::chrono::milliseconds end) = 0;

  // Sends the peer in TLS the notice that nothing more will come, without waiting for its
  // answer. In clear this does nothing.
  virtual void close() {}

  // Returns whether a read would return at once, as far as the connection knows without a
  // system call.
  [[nodiscard]] virtual bool has_more() const { return false; }

  // Returns whether bytes of the peer were taken from the descriptor that no read has returned
  // yet; they may be too few for one.
  [[nodiscard]] virtual bool holds_unread() const { return false; }

  // Returns nullopt if the connection is in clear.
  [[nodiscard]] virtual std::optional<TlsFacts> tls() const { return std::nullopt; }

  // The descriptors of the connection, for code that is to use TLS over them instead. They are
  // -1 if there are none.
  [[nodiscard]] virtual int input() const { return -1; }

  [[nodiscard]] virtual int output() const { return -1; }
};

// A connection in clear over descriptors that this object does not own and that may be
// blocking, as they are if other programs share them. Without a time limit it uses only read(2)
// and write(2).
class DescriptorConnection final : public Connection {
 public:
  // Each wait for the peer lasts at most `timeout`, if that is set.
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

  // From now on a read takes no byte after a line feed, so that another program can continue
  // with the descriptor. It costs some system calls for each line, and on a pipe for each byte.
  void stop_at_line_ends() { stops_at_line_ends_ = true; }

  // From now on a peer that is silent for a moment makes the process do without memory that it
  // does not need for now: there may be many that wait like that. It takes system calls that a
  // confined process (sys/confine.h) may not make.
  void rest_in_silence() { rests_ = true; }

 private:
  [[nodiscard]] bool has_limit() const;
  [[nodiscard]] Result<std::chrono::milliseconds> time_left() const;
  [[nodiscard]] Result<void> wait(int fd, short events) const;
  [[nodiscard]] Result<void> wait_for_input(std::chrono::milliseconds limit) const;
  Result<std::size_t> read_ready(char* buffer, std::size_t size) const;

  int input_;
  int output_;
  std::optional<base::Seconds> timeout_;
  std::chrono::milliseconds end_ = std::chrono::milliseconds::max();
  bool stops_at_line_ends_ = false;
  bool rests_ = false;
  // Unless the output has turned out to be no socket.
  bool sends_at_once_ = true;
};

}  // namespace reqmail::sys
