// Forwards a message through the queue program.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "base/result.h"
#include "local/message_file.h"

namespace reqmail::local {

// Queues the Delivered-To field and the message for all recipients at once. Returns the process
// ID of the queue program, which gets `environment`. The texts of Failures begin with "Unable
// to".
Result<pid_t> forward_message(MessageFile& message, const std::string& delivered_to_line,
                              const std::string& sender,
                              const std::vector<std::string>& recipients,
                              const std::vector<std::string>& environment);

// Does the same for the programs forward and condredirect, with their own environment, from the
// current offset of the descriptor on. The text of a Failure is "unable to fork: ERROR",
// "unable to read message: ERROR", or the text for the queue program's exit code.
Result<pid_t> resend_message(int fd, const std::string& delivered_to_line,
                             const std::string& sender,
                             const std::vector<std::string>& recipients);

}  // namespace reqmail::local
