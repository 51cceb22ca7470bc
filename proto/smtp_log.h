// The session log of control/smtpdlog in its form "qlog": one line of key=value pairs for each
// accepted message and for each refusal. Unprintable bytes of text from the peer are replaced.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "proto/smtp_server.h"

namespace reqmail::proto {

// The two ends of the connection and the process, which are the same in all lines of a session.
struct SmtpLogEnds {
  std::string local_ip;
  std::string local_port;
  std::string remote_ip;
  std::string remote_port;
  std::string remote_host;
  std::uint64_t process = 0;
};

// Returns the line with its line feed. `reply` is the reply to the client; it means acceptance
// if it begins with '2'.
std::string smtp_log_line(const SmtpServer& session, const SmtpLogEnds& ends,
                          std::string_view reply, const SmtpEvent& event);

}  // namespace reqmail::proto
