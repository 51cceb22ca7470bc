// Forwarding of a delivery through the queue program.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "base/result.h"
#include "local/message_file.h"

namespace reqmail::local {

// Queues the Delivered-To line and the message for all recipients at once; the process id of
// the queue program, which gets `environment`. Failure texts begin with "Unable to".
Result<pid_t> forward_message(MessageFile& message, const std::string& delivered_to_line,
                              const std::string& sender,
                              const std::vector<std::string>& recipients,
                              const std::vector<std::string>& environment);

// The same for the programs forward and condredirect, in their own environment, from where the
// descriptor stands. Failure texts: "unable to fork: ERROR", "unable to read message: ERROR",
// or what the queue program's exit code means.
Result<pid_t> resend_message(int fd, const std::string& delivered_to_line,
                             const std::string& sender,
                             const std::vector<std::string>& recipients);

}  // namespace reqmail::local
