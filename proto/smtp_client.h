// The common part of the two state machines on the client's side of SMTP. SmtpClientConnection
// takes a connection from the greeting to the point where mail can be sent;
// SmtpClientTransaction sends one message, and there may be many transactions over one
// connection. Both take replies and return commands; neither does input or output.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/time.h"
#include "mail/verdict_codec.h"
#include "proto/sasl_client.h"
#include "proto/smtp_reply.h"

namespace reqmail::proto {

// The size and the kind of the message as the server counts them (RFC 1870, RFC 6152).
struct MessageFacts {
  std::uint64_t size = 0;
  bool eight_bit = false;
  bool eight_bit_header = false;
};

// The stage at which a connection or a transaction ended.
enum class SmtpStage {
  greeting,
  hello,
  no_tls,           // TLS is required, and the server does not offer it
  starttls,         // the server refused STARTTLS although TLS is required, or with 421
  login_needs_tls,  // a login is only allowed in TLS, and the connection is not in TLS
  no_login,         // the server offers no mechanism that the client knows
  login,
  no_utf8,  // the mail needs SMTPUTF8, and the server does not offer it
  sender,
  recipients,
  data,
  message
};

struct SmtpEnding {
  SmtpStage stage = SmtpStage::greeting;
  // `success` is possible only at stage message and means that the server has the message. Up
  // to the login the verdict is always temporary, since the server has not judged the mail. At
  // stage recipients, where each recipient has its own outcome, `reply` is empty.
  mail::Grade verdict = mail::Grade::temporary;
  std::string reply;
  // At stage login, the name of the mechanism in capitals.
  std::string_view mechanism = {};
  // At stage message, the server got what the sender wants to be told.
  bool dsn_passed_on = false;
};

// The server's answer to a RCPT; `reply` is empty if it accepted.
struct RecipientOutcome {
  mail::Grade verdict = mail::Grade::success;
  std::string reply;
};

// Returns whether an address may be part of a command: it has no CR, LF or NUL.
bool can_be_sent(std::string_view address);

// The time limits for a whole reply (RFC 5321 section 4.5.3.2), and for each piece of the
// message that is sent.
inline constexpr base::Seconds kReplyTime(300);
inline constexpr base::Seconds kDataReplyTime(120);
inline constexpr base::Seconds kPieceTime(180);
inline constexpr base::Seconds kDotReplyTime(600);

// Returns a reply as a report may show it: servers repeat what they were told, so the parts of
// `login` are hidden. A null `login` means that there is none.
std::string shown_reply(const SmtpReply& reply, const SaslLogin* login);

}  // namespace reqmail::proto
