#include "proto/smtp_client.h"

namespace reqmail::proto {

bool can_be_sent(std::string_view address) {
  return address.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos;
}

std::string shown_reply(const SmtpReply& reply, const SaslLogin* login) {
  return login == nullptr ? reply.text : hide_login(reply.text, *login);
}

}  // namespace reqmail::proto
