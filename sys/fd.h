// Owned file descriptors. A bare int for a descriptor appears in sys/ alone.
#pragma once

#include <utility>

#include "base/result.h"

namespace reqmail::sys {

// A descriptor that is closed when its owner goes. Every open in reqmail is close-on-exec; what
// a child gets is said in its ChildSpec (sys/process.h).
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

// A pipe, both ends close-on-exec. Failure.error is the errno.
Result<Pipe> make_pipe();

// A close-on-exec duplicate.
Result<Fd> duplicate(int fd);

// `to` becomes a copy of `from`, and stays open when a program is run.
Result<void> duplicate_to(int from, int to);

bool is_open(int fd);

// The first step of every main: a missing descriptor 0, 1 or 2 is filled with /dev/null, 0
// opened write-only and 1 read-only, so that a closed input or output stays an error and no
// queue or mail file ever gets a number below 3.
void fill_standard_descriptors();

void set_nonblocking(int fd);

void set_blocking(int fd);

// What is written to a TCP connection leaves at once (TCP_NODELAY); nothing on other
// descriptors.
void set_no_delay(int fd);

void set_close_on_exec(int fd, bool on);

// Every descriptor from `first` on, inherited ones included, goes when a program is run.
void set_close_on_exec_from(int first);

// Closes a descriptor that was inherited; one that is closed already is no error.
void close_descriptor(int fd);

// Every descriptor from `first` on is closed.
void close_from(int first);

// Two connected sockets that carry bytes both ways, both close-on-exec. Failure.error is the
// errno.
struct SocketPair {
  Fd one;
  Fd other;
};

Result<SocketPair> make_socket_pair();

bool is_socket(int fd);

// The other end of a socket reads the end of file behind what has been written, whoever else
// has this end open.
void end_writing(int fd);

}  // namespace reqmail::sys
