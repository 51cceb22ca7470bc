// Owned file descriptors. Whoever owns a descriptor holds it in an Fd. Elsewhere an int is a
// descriptor that the code does not own: one that the program was started with, or one that is
// lent for a call or for the life of an object. Descriptors are opened and closed in sys/
// alone, apart from sockets that net/ makes and calls in compat/.
#pragma once

#include <utility>

#include "base/result.h"

namespace reqmail::sys {

// A descriptor that is closed when its owner is destroyed. Every descriptor is opened
// close-on-exec; a ChildSpec (sys/process.h) lists the descriptors that a child gets.
class Fd {
 public:
  Fd() = default;

  explicit Fd(int number) : number_(number) {}

  Fd(Fd&& other) noexcept : number_(other.release()) {}

  Fd& operator=(Fd&& other) noexcept;
  Fd(const Fd&) = delete;
  Fd& operator=(const Fd&) = delete;

  ~Fd() { close(); }

  [[nodiscard]] bool valid() const { return number_ >= 0; }

  [[nodiscard]] int get() const { return number_; }

  // Gives up ownership.
  int release() { return std::exchange(number_, -1); }

  void close();

 private:
  int number_ = -1;
};

struct Pipe {
  Fd read;
  Fd write;
};

// Makes a pipe whose ends are both close-on-exec. Failure.error is the errno.
Result<Pipe> make_pipe();

// Returns a close-on-exec duplicate.
Result<Fd> duplicate(int fd);

// Makes `to` a copy of `from` that stays open on exec.
Result<void> duplicate_to(int from, int to);

bool is_open(int fd);

// The first step of every main: a missing descriptor 0, 1 or 2 becomes /dev/null, 0 opened
// write-only and 1 read-only, so that reading from a closed input or writing to a closed output
// remains an error, and no queue or mail file ever gets a number below 3.
void fill_standard_descriptors();

void set_nonblocking(int fd);

void set_blocking(int fd);

// Makes the system send bytes written to a TCP connection at once (TCP_NODELAY). It has no
// effect on other descriptors.
void set_no_delay(int fd);

void set_close_on_exec(int fd, bool on);

// Makes every descriptor from `first` on, inherited ones included, close-on-exec.
void set_close_on_exec_from(int first);

// Closes an inherited descriptor; it is no error if it is closed already.
void close_descriptor(int fd);

// Closes every descriptor from `first` on.
void close_from(int first);

// Two connected sockets that carry bytes in both directions and are close-on-exec.
// Failure.error is the errno.
struct SocketPair {
  Fd one;
  Fd other;
};

Result<SocketPair> make_socket_pair();

bool is_socket(int fd);

// Lets the other end of a socket read end of file after the bytes written so far, even if other
// processes have this end open too.
void end_writing(int fd);

}  // namespace reqmail::sys
