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
// What a Reader's buffer grows to while reads fill it: a bulk transfer needs few system calls,
// an idle session little memory.
inline constexpr std::size_t kLargestReadBuffer = std::size_t{64} << 10;

enum class LineEnd { line, end_of_file, too_long };

// Reads from a connection, or a descriptor, that it does not own. Failure.error is the errno;
// ETIMEDOUT when a time limit passed.
class Reader {
 public:
  // `connection` must outlive the Reader.
  explicit Reader(Connection& connection) : connection_(&connection) {}

  // Waits at most `timeout` for each read, if there is one.
  explicit Reader(int fd, std::optional<base::Seconds> timeout = std::nullopt);

  // Called once before each read that may wait: a server flushes its replies here. When it
  // fails, the read fails with the same Failure and is not done.
  void before_read(std::function<Result<void>()> hook) { before_read_ = std::move(hook); }

  // What is buffered, after a read when nothing is; empty at end of file. The
  // view lives until the next call; consume() says how much of it was used.
  Result<std::string_view> peek();

  void consume(std::size_t count) { begin_ += count; }

  // One byte, or nothing at end of file.
  Result<std::optional<char>> get();

  // Appends a line without its LF to `line`. end_of_file: the input ended, and `line` holds
  // what came after the last LF. too_long: more than `limit` bytes without LF; the rest of that
  // line is left unread.
  Result<LineEnd> get_line(std::string& line, std::size_t limit);

  // Everything up to end of file, at most `limit` bytes (more is a permanent Failure with error
  // EMSGSIZE).
  Result<std::string> read_all(std::size_t limit);

  [[nodiscard]] bool has_buffered() const { return begin_ < end_; }

  // Forgets what was read ahead: at STARTTLS nothing received in clear may count.
  void discard_buffered() { begin_ = end_ = 0; }

  // Everything from now on comes over this connection, which must outlive the Reader; what was
  // read ahead is forgotten.
  void switch_to(Connection& connection);

  // Overwrites what has been consumed: it held a secret.
  void wipe_consumed();

  // Nothing is read once `patience` is at its end: ETIMEDOUT. What is read counts for it.
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

// Collects output and writes it to a connection, or a descriptor, that it does not own. Nothing
// is written by the destructor: whoever must know that bytes have gone calls flush(). After a
// failure every later call fails with the same error.
class Writer {
 public:
  // `connection` must outlive the Writer.
  explicit Writer(Connection& connection, std::size_t buffer = kStreamBuffer)
      : connection_(&connection), capacity_(buffer) {}

  explicit Writer(int fd, std::size_t buffer = kStreamBuffer);

  Result<void> put(std::string_view bytes);
  Result<void> flush();

  // Everything from now on goes over this connection, which must outlive the Writer; call it
  // with nothing buffered.
  void switch_to(Connection& connection) { connection_ = &connection; }

  // Nothing is written once `patience` is at its end: ETIMEDOUT. What is written counts for it.
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

// Everything from a descriptor up to end of file, at most `limit` bytes (more: permanent
// Failure, EMSGSIZE).
Result<std::string> read_all(int fd, std::size_t limit);

}  // namespace reqmail::sys
