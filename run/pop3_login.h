// The POP3 login: what qmail-popup does with a client before a checker takes over.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "proto/pop3.h"
#include "sys/stream.h"

namespace reqmail::run {

// Greets with "+OK " and the timestamp, answers commands until the client gives credentials.
// Nothing where it ended before that.
std::optional<proto::Pop3Credentials> pop3_login(const std::string& timestamp,
                                                 sys::Reader& input, sys::Writer& output);

// Runs the checker with the client on its descriptors 0 and 1 and, for messages, 2; gives it
// the credentials and the timestamp on descriptor 3, each ended by NUL; waits for it and all
// that it becomes. A Failure has the text of the error reply. The credentials are wiped.
Result<void> run_checker(const std::vector<std::string>& checker,
                         proto::Pop3Credentials credentials, const std::string& timestamp);

}  // namespace reqmail::run
