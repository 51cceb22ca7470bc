// A request to a policy service of Postfix (SMTPD_POLICY_README): lines NAME=VALUE and an empty
// one.
#pragma once

#include <cstdint>
#include <string>

namespace reqmail::filter {

// What is not known is empty.
struct PolicyRequest {
  std::string protocol_name;
  std::string helo_name;
  std::string sender;
  std::string recipient;
  std::string client_address;
  std::string client_name;
  std::string client_port;
  std::string instance;  // the same for all requests about one message
  std::string sasl_method;
  std::string sasl_username;
  std::uint64_t size = 0;  // as announced
  std::string encryption_protocol;
  std::string encryption_cipher;
};

// A request about a recipient. A value is cut at a line feed or NUL, which it cannot have.
std::string encode_policy_request(const PolicyRequest& request);

}  // namespace reqmail::filter
