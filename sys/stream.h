// Buffered reading and writing over a descriptor, with a timeout per system call where one is
// set.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "sys/patience.h"

namespace reqmail::sys {

inline constexpr std::size_t kStreamBuffer = 8192;
// What a Reader's buffer grows to while reads fill it: a bulk transfer needs few system calls,
// an idle session little memory.
inline constexpr std::size_t kLargestReadBuffer = std::size_t{64} << 10;

// What bytes move over when it is no bare descriptor: TLS. Failure.error is the errno;
// ETIMEDOUT when a time limit passed.
class Transport {
 public:
  Transport() = default;
  Transport(const Transport&) = delete;
  Transport& operator=(const Transport&) = delete;
  virtual ~Transport() = default;

  // At least one byte, after waiting for it if need be; 0 at end of file.
  virtual Result<std::size_t> read(char* buffer, std::size_t size) = 0;

  // All of it.
  virtual Result<void> write(std::string_view bytes) = 0;

  // From now on nothing waits beyond this moment of sys::monotonic().
  virtual void stop_at(std::chrono::milliseconds end) = 0;
};

enum class LineEnd { line, end_of_file, too_long };

// Reads from a descriptor it does not own. Failure.error is the errno; ETIMEDOUT when `timeout`
// passed without data.
class Reader {
 public:
  explicit Reader(int fd) : fd_(fd) {}

  Reader(int fd, base::Seconds timeout) : fd_(fd), timeout_(timeout) {}

  // Called once before each read(2) that may block: a server flushes its replies here. When it
  // fails, the read fails likewise and is not done.
  void before_read(std::function<Result<void>()> hook) { before_read_ = std::move(hook); }

  // What is buffered, after at least one read(2) when nothing is; empty at end of file. The
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

  // Everything from now on comes over the transport, which must outlive the Reader; what was
  // read ahead is forgotten.
  void switch_to(Transport& transport);

  // From now on nothing behind a line feed is taken from the descriptor before it is asked for,
  // so that another program can go on with it. Costs some system calls for each line, and with
  // a pipe for each byte.
  void stop_at_line_ends() { stops_at_line_ends_ = true; }

  // Overwrites what has been consumed: it held a secret.
  void wipe_consumed();

  // Nothing is read once `patience` is at its end: ETIMEDOUT. What is read counts for it.
  void limit_by(Patience& patience) { patience_ = &patience; }

  [[nodiscard]] int fd() const { return fd_; }

 private:
  Result<bool> fill();
  Result<std::size_t> receive();

  int fd_;
  Transport* transport_ = nullptr;
  Patience* patience_ = nullptr;
  std::optional<base::Seconds> timeout_;
  bool stops_at_line_ends_ = false;
  std::function<Result<void>()> before_read_;
  std::vector<char> buffer_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

// Collects output and writes it to a descriptor it does not own. Nothing is written by the
// destructor: whoever must know that bytes have gone calls flush(). After a failure every later
// call fails with the same error.
class Writer {
 public:
  explicit Writer(int fd, std::size_t buffer = kStreamBuffer) : fd_(fd), capacity_(buffer) {}

  Writer(int fd, base::Seconds timeout, std::size_t buffer = kStreamBuffer)
      : fd_(fd), timeout_(timeout), capacity_(buffer) {}

  Result<void> put(std::string_view bytes);
  Result<void> flush();

  // Everything from now on goes over the transport, which must outlive the Writer; call it with
  // nothing buffered.
  void switch_to(Transport& transport) { transport_ = &transport; }

  // Nothing is written once `patience` is at its end: ETIMEDOUT. What is written counts for it.
  void limit_by(Patience& patience) { patience_ = &patience; }

  [[nodiscard]] bool has_buffered() const { return !buffer_.empty(); }

  [[nodiscard]] int fd() const { return fd_; }

 private:
  Result<void> write_out(std::string_view bytes);
  Result<std::size_t> send(std::string_view bytes);

  int fd_;
  Transport* transport_ = nullptr;
  Patience* patience_ = nullptr;
  std::optional<base::Seconds> timeout_;
  std::size_t capacity_;
  std::string buffer_;
  int failed_ = 0;
};

// Waits until the descriptor can be read or written; ETIMEDOUT when that took too long.
Result<void> wait_readable(int fd, std::chrono::milliseconds limit);
Result<void> wait_writable(int fd, std::chrono::milliseconds limit);

// Reads and forgets what has already come, without waiting for more.
void drain(int fd);

// Writes all of it, however many write(2)s that takes. Failure.error is the errno.
Result<void> write_all(int fd, std::string_view bytes);

// One write(2), tried again on EINTR: the bytes written; EAGAIN where a non-blocking descriptor
// has no room.
Result<std::size_t> write_some(int fd, std::string_view bytes);

// What a descriptor that poll(2) calls writable takes without blocking, which is not all that a
// caller has: a peer that reads nothing must not hold one that counts the time. The bytes
// written; EAGAIN likewise.
Result<std::size_t> write_ready(int fd, std::string_view bytes);

// One read(2), tried again on EINTR: the bytes read, 0 at end of file.
Result<std::size_t> read_some(int fd, char* buffer, std::size_t size);

// Everything from a descriptor up to end of file, at most `limit` bytes (more: permanent
// Failure, EMSGSIZE).
Result<std::string> read_all(int fd, std::size_t limit);

}  // namespace reqmail::sys
