// One message through qmail-inject.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "submit/inject_settings.h"

namespace reqmail::submit {

// The sender that -f gives, completed; a Failure's text as below.
Result<std::string> argument_sender(const mail::AddressDefaults& defaults,
                                    std::string_view argument);

// Reads a message from `input`, completes its header and queues it, or with options.print
// writes it to `output`. A Failure's text is what qmail-inject says behind "fatal: ", final
// line feed not included except where it quotes a header field.
Result<void> inject_message(InjectSettings settings, const InjectOptions& options, int input,
                            int output);

}  // namespace reqmail::submit
