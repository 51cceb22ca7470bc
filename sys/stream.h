// Buffered reading and writing over a connection to a peer, or over a descriptor.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "sys/connection.h"
#include "sys/descriptor_io.h"
#include "sys/patience.h"

namespace reqmail::sys {

inline constexpr std::size_t kStreamBuffer = 8192;
// The size up to which a Reader's buffer grows while reads fill it, so that a bulk transfer
// needs few system calls and an idle session little memory.
inline constexpr std::size_t kLargestReadBuffer = std::size_t{64} << 10;

enum class LineEnd { line, end_of_file, too_long };

// Reads from a connection or a descriptor that it does not own. Failure.error is the errno; it
// is ETIMEDOUT if a time limit passed.
class Reader {
 public:
  // `connection` must outlive the Reader.
  explicit Reader(Connection& connection) : connection_(&connection) {}

  // Each read waits at most for `timeout`, if it is set.
  explicit Reader(int fd, std::optional<base::Seconds> timeout = std::nullopt);

  // Sets a function that is called once before each read that may wait; a server flushes its
  // replies there. If the function fails, the read fails with the same Failure and does not
  // happen.
  void before_read(std::function<Result<void>()> hook) { before_read_ = std::move(hook); }

  // Returns the buffered bytes, after a read if there are none; empty at end of file. The view
  // is valid until the next call; consume() says how much of it was used.
  Result<std::string_view> peek();

  void consume(std::size_t count) { begin_ += count; }

  // Returns one byte; nullopt at end of file.
  Result<std::optional<char>> get();

  // Appends a line without its LF to `line`. The result end_of_file means that the input has
  // ended and `line` has what came after the last LF; too_long means that more than `limit`
  // bytes came without LF. The rest of that line has not been read then.
  Result<LineEnd> get_line(std::string& line, std::size_t limit);

  // Returns everything up to end of file, at most `limit` bytes (more is a permanent Failure
  // with error EMSGSIZE).
  Result<std::string> read_all(std::size_t limit);

  [[nodiscard]] bool has_buffered() const { return begin_ < end_; }

  // Discards buffered bytes: after STARTTLS nothing that was received in clear may count.
  void discard_buffered() { begin_ = end_ = 0; }

  // From now on reads from this connection, which must outlive the Reader. Buffered bytes are
  // discarded.
  void switch_to(Connection& connection);

  // Overwrites the consumed bytes, because they contained a secret.
  void wipe_consumed();

  // Makes reads fail with ETIMEDOUT once `patience` is over. Bytes read count for its rate.
  void limit_by(Patience& patience) { patience_ = &patience; }

  [[nodiscard]] Connection& connection() const { return *connection_; }

 private:
  Result<bool> fill();
  Result<std::size_t> receive();

  std::unique_ptr<Connection> own_;
  Connection* connection_;
  Patience* patience_ = nullptr;
  std::function<Result<void>()> before_read_;
  std::vector<char> buffer_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

// Collects output and writes it to a connection or a descriptor that it does not own. The
// destructor writes nothing: a caller that must know that the bytes were written calls flush().
// After a failure every later call fails with the same error.
class Writer {
 public:
  // `connection` must outlive the Writer.
  explicit Writer(Connection& connection, std::size_t buffer = kStreamBuffer)
      : connection_(&connection), capacity_(buffer) {}

  explicit Writer(int fd, std::size_t buffer = kStreamBuffer);

  Result<void> put(std::string_view bytes);
  Result<void> flush();

  // From now on writes to this connection, which must outlive the Writer; the buffer must be
  // empty.
  void switch_to(Connection& connection) { connection_ = &connection; }

  // Makes writes fail with ETIMEDOUT once `patience` is over. Bytes written count for its rate.
  void limit_by(Patience& patience) { patience_ = &patience; }

  [[nodiscard]] bool has_buffered() const { return !buffer_.empty(); }

 private:
  Result<void> write_out(std::string_view bytes);
  Result<std::size_t> send(std::string_view bytes);

  std::unique_ptr<Connection> own_;
  Connection* connection_;
  Patience* patience_ = nullptr;
  std::size_t capacity_;
  std::string buffer_;
  int failed_ = 0;
};

// Returns everything from a descriptor up to end of file, at most `limit` bytes (more is a
// permanent Failure with EMSGSIZE).
Result<std::string> read_all(int fd, std::size_t limit);

}  // namespace reqmail::sys
