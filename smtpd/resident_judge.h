// Keeps one qmail-mailauth for the sessions that a listener forks (smtpd/shared_judge). It is
// started when a session asks for it, and ends by itself when none has for a while.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <optional>
#include <string>

#include "sys/child.h"
#include "sys/fd.h"
#include "sys/file_version.h"
#include "sys/own_program.h"

namespace reqmail::smtpd {

class ResidentJudge {
 public:
  // After one that has failed, none is started until this time has passed since its start.
  // Meanwhile each session starts its own.
  static constexpr std::chrono::milliseconds kPause{1000};

  // `program` is the path of qmail-mailauth, and `mark` is that of sys::OwnProgram.
  ResidentJudge(std::string program, std::string mark);

  ResidentJudge(const ResidentJudge&) = delete;
  ResidentJudge& operator=(const ResidentJudge&) = delete;

  // It ends when no session has the socket any more.
  ~ResidentJudge() { (void)child_.release(); }

  // Called for each connection: returns the socket that its process is to inherit, or nullopt.
  // One whose program has been replaced serves only the sessions that can reach it already.
  std::optional<int> socket();

  // Returns the descriptor at which a request can be read that nobody takes; nullopt while
  // there is a process that does.
  [[nodiscard]] std::optional<int> unattended() const;

  // Called when that can be read: starts the program, or drops the requests, so that their
  // sessions start their own.
  void attend();

  // Called when a child has ended and was reaped.
  void child_ended(const sys::Ended& ended);

 private:
  [[nodiscard]] bool start();
  void drop_requests();
  void let_go();

  std::string path_;
  sys::OwnProgram program_;
  // The end for the sessions, and the other one.
  sys::SocketPair ends_;
  sys::Child child_;
  // What was started last, and when.
  std::optional<sys::FileVersion> started_;
  std::chrono::milliseconds started_at_{0};
  std::chrono::milliseconds not_before_{0};
};

}  // namespace reqmail::smtpd
