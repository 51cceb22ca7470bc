#include "filter/policy_request.h"

#include <string_view>

#include "base/number.h"
#include "base/text.h"

namespace reqmail::filter {

std::string encode_policy_request(const PolicyRequest& request) {
  const std::string size = base::decimal(request.size);

  struct Attribute {
    std::string_view name;
    std::string_view value;
  };

  const Attribute attributes[] = {
      {"request", "smtpd_access_policy"},
      {"protocol_state", "RCPT"},
      {"protocol_name", request.protocol_name},
      {"helo_name", request.helo_name},
      {"queue_id", {}},
      {"sender", request.sender},
      {"recipient", request.recipient},
      // Counted at DATA only.
      {"recipient_count", "0"},
      {"client_address", request.client_address},
      {"client_name", request.client_name},
      {"reverse_client_name", request.client_name},
      {"client_port", request.client_port},
      {"instance", request.instance},
      {"sasl_method", request.sasl_method},
      {"sasl_username", request.sasl_username},
      {"sasl_sender", {}},
      {"size", size},
      {"encryption_protocol", request.encryption_protocol},
      {"encryption_cipher", request.encryption_cipher},
  };
  std::string text;
  for (const Attribute& attribute : attributes) {
    const std::string_view end("\n\0", 2);
    text += base::concat({attribute.name, "=",
                          attribute.value.substr(0, attribute.value.find_first_of(end)), "\n"});
  }
  text.push_back('\n');
  return text;
}

}  // namespace reqmail::filter
