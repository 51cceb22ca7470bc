// The sender in MAIL FROM: that of a forwarded message is rewritten by SRS if it is not one of
// this host's.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"

namespace reqmail::remote {

// `message` is a descriptor at the beginning of the message, whose position stays; `time` is in
// seconds since the epoch. With `rewrites_own` senders of this host are rewritten too. Reads
// the control files; the current directory is qmail's home. The text of a Failure is the
// report.
Result<std::string> sender_in_mail_from(const std::string& sender, int message,
                                        bool rewrites_own, std::uint64_t time);

}  // namespace reqmail::remote
