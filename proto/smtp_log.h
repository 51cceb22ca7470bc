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

struct SmtpLogEvent {
  bool at_end_of_data = false;  // "qlogreceived", else "qlogenvelope"
  std::string_view reply;       // to the client: its code, and the text as detail
  std::string_view reason;      // one word of ours
  std::string_view sender;
  std::string recipients;  // separated by commas
  std::uint64_t size = 0;
  std::uint64_t queue_process = 0;  // 0: no queue program
};

// With its line feed. Accepted means a reply that begins with '2'.
std::string smtp_log_line(const SmtpServer& session, const SmtpLogEnds& ends,
                          const SmtpLogEvent& event);

}  // namespace reqmail::proto
