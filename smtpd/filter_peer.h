// What milters and policy services are told of a session and its messages.
#pragma once

#include <cstdint>
#include <string>

namespace reqmail::smtpd {

struct FilterPeer {
  std::string own_name;
  std::string client_name;
  std::string client_ip;    // empty: not known
  std::string client_port;  // digits
};

// A name for a message that has no queue file yet: no other message of this host has it.
std::string message_name(std::uint64_t number_in_session);

}  // namespace reqmail::smtpd
