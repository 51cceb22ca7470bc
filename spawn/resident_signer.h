// Keeps one qmail-sign(8) process for all deliveries while control files say that messages are
// signed.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <optional>
#include <string>

#include "sys/child.h"
#include "sys/fd.h"
#include "sys/file_version.h"
#include "sys/own_program.h"

namespace reqmail::spawn {

class ResidentSigner {
 public:
  // After a start no other process is started for this time, unless the program was replaced
  // or signing was switched off in between. Meanwhile each delivery executes the program.
  static constexpr std::chrono::milliseconds kPause{10000};

  // `home` is qmail's home, and `mark` is that of sys::OwnProgram.
  ResidentSigner(std::string home, std::string mark);

  // Called for each delivery: returns the descriptor to pass on (remote/shared_signer.h), which
  // this process's environment then names, or nullopt if there is no signer. Starts one if it
  // is needed, and lets it go if it no longer is. Makes one system call if nothing is signed.
  std::optional<int> socket();

  // Returns the descriptor without a look at what is needed; it is closed when the process
  // ends.
  [[nodiscard]] std::optional<int> current() const {
    return socket_.valid() ? std::optional(socket_.get()) : std::nullopt;
  }

  // Called when a child has ended and was reaped.
  void child_ended(pid_t child);

  // Returns another number for each process that is started, and when there is none any more.
  [[nodiscard]] unsigned generation() const { return generation_; }

 private:
  [[nodiscard]] bool is_wanted();
  void start();
  void let_go();

  std::string home_;
  sys::OwnProgram program_;
  // control/ when it was last examined, and the result.
  std::optional<sys::FileVersion> control_;
  bool wanted_ = false;
  // The program that was started last.
  std::optional<sys::FileVersion> started_;
  std::chrono::milliseconds not_before_{0};
  sys::Fd socket_;
  sys::Child child_;
  unsigned generation_ = 0;
};

}  // namespace reqmail::spawn
