// The session log of control/smtpdlog in its form "qlog": one line of key=value pairs for each
// message that was accepted and for each refusal. Everything a peer chose is made safe.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "proto/smtp_server.h"

namespace reqmail::proto {

// What is the same for all lines of a session.
struct SmtpLogEnds {
  std::string local_ip;
  std::string local_port;
  std::string remote_ip;
  std::string remote_port;
  std::string remote_host;
  std::uint64_t process = 0;
};

// With its line feed. `reply` is what the client was told: accepted means that it begins with
// '2'.
std::string smtp_log_line(const SmtpServer& session, const SmtpLogEnds& ends,
                          std::string_view reply, const SmtpEvent& event);

}  // namespace reqmail::proto
