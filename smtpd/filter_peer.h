// What milters and policy services get to know about a session and its messages.
#pragma once

#include <cstdint>
#include <string>

namespace reqmail::smtpd {

struct FilterPeer {
  std::string own_name;
  std::string client_name;
  std::string client_ip;    // empty if not known
  std::string client_port;  // in digits
};

// Returns a name for a message that has no queue file yet; no other message of this host has
// it.
std::string message_name(std::uint64_t number_in_session);

}  // namespace reqmail::smtpd
