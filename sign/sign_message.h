// The signatures of one message.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "base/result.h"
#include "sign/find_keys.h"
#include "sign/settings.h"

namespace reqmail::sign {

struct SignRequest {
  std::string sender;
  // A descriptor of the message, as the queue has it.
  int message = -1;
  // In seconds since 1970.
  std::uint64_t time = 0;
};

// Gives up all privileges that reading keys needs.
using Confine = std::function<Result<void>()>;

// Returns the header fields to put at the top of the message, each with its line end; empty if
// it is not signed. What is signed is the message as SMTP sends it. `confine` is called once
// the keys are found, before anything but the header of the message is read. The memory needed
// does not grow with the message. The Failure, which is temporary, says why a message that must
// be signed cannot be: "PATH: why".
Result<std::string> sign_message(const SignerSettings& settings, const SignRequest& request,
                                 const FindKeys& find, const Confine& confine);

}  // namespace reqmail::sign
