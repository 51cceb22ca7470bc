// The signing of the message that is delivered, by a child that has the keys (qmail-sign(8))
// and works while the session with the server begins.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "sys/child.h"
#include "sys/fd.h"

namespace reqmail::remote {

// A child on its way to the program that goes on in the place of this one.
struct RunningSigner {
  pid_t pid = 0;
  int output = -1;
};

class Signer {
 public:
  // `message` is a descriptor of the message, whose position stays as it is.
  Signer(std::string sender, std::vector<std::string> recipients, int message);

  // Goes on with a child that the program before this one has started.
  void take_over(const RunningSigner& running);

  // Starts the child, once, if a control file says that messages may be signed; the current
  // directory is qmail's home.
  void start();

  // Returns the header fields to put on top of the message, each with its line end; empty if
  // there are none. Waits for the child until `end` on the clock of sys::monotonic(). The
  // Failure, which is temporary, is what the report says.
  Result<std::string> fields(std::chrono::milliseconds end);

  // Makes the child's output survive the execution of another program.
  [[nodiscard]] std::optional<RunningSigner> hand_over() const;

 private:
  Result<std::string> wait(std::chrono::milliseconds end);

  std::string sender_;
  std::vector<std::string> recipients_;
  int message_;
  sys::Child child_;
  sys::Fd output_;
  std::optional<Result<std::string>> result_;
};

}  // namespace reqmail::remote
