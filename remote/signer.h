// The signing of the message that is delivered, by qmail-sign(8), which has the keys and works
// while the session with the server begins: one that qmail-rspawn keeps, else a child.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "sys/child.h"
#include "sys/fd.h"

namespace reqmail::remote {

// A signer on its way to the program that goes on in the place of this one.
struct RunningSigner {
  // 0: it is no child of this process.
  pid_t pid = 0;
  int output = -1;
};

struct SignerRequest {
  std::string sender;
  std::vector<std::string> recipients;
  // A descriptor of the message, whose position stays as it is.
  int message = -1;
  // Whether messages may have to be signed (remote/signing_files.h).
  bool wanted = false;
};

class Signer {
 public:
  explicit Signer(SignerRequest request) : request_(std::move(request)) {}

  // Goes on with a signer that the program before this one has started.
  void take_over(const RunningSigner& running);

  // Returns whether fields() may have something to wait for.
  [[nodiscard]] bool is_wanted() const { return request_.wanted || output_.valid(); }

  // Starts the signing, once, if it is wanted; the current directory is qmail's home.
  void start();

  // Returns the header fields to put on top of the message, each with its line end; empty if
  // there are none. Waits for the signer until `end` on the clock of sys::monotonic(). The
  // Failure, which is temporary, is what the report says.
  Result<std::string> fields(std::chrono::milliseconds end);

  // Makes the signer's output survive the execution of another program.
  [[nodiscard]] std::optional<RunningSigner> hand_over() const;

 private:
  // Each gives the signer the end of a pipe for its output.
  [[nodiscard]] bool ask(int output) const;
  [[nodiscard]] Result<sys::Child> run(int output) const;
  Result<std::string> wait(std::chrono::milliseconds end);

  SignerRequest request_;
  // Not valid if the signer is not a child of this process.
  sys::Child child_;
  sys::Fd output_;
  std::optional<Result<std::string>> result_;
};

}  // namespace reqmail::remote
