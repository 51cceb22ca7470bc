// The work of qmail-inject for one message.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "submit/inject_settings.h"

namespace reqmail::submit {

// Returns the sender from -f, completed. The text of a Failure is as below.
Result<std::string> argument_sender(const mail::AddressDefaults& defaults,
                                    std::string_view argument);

// Reads a message from `input`, completes its header and queues it, or with options.print
// writes it to `output`. The text of a Failure is what qmail-inject prints after "fatal: "; it
// has no final line feed, except if it quotes a header field.
Result<void> inject_message(InjectSettings settings, const InjectOptions& options, int input,
                            int output);

}  // namespace reqmail::submit
