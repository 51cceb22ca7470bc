// The client's side of SMTP: what its two machines share. SmtpClientConnection takes a
// connection from the greeting to the point where mail can be sent; SmtpClientTransaction sends
// one message, and may do so many times over one connection. Replies go in, commands come out;
// neither reads nor writes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/time.h"
#include "mail/verdict_codec.h"
#include "proto/sasl_client.h"
#include "proto/smtp_reply.h"

namespace reqmail::proto {

// The message as the server will count it (RFC 1870).
struct MessageFacts {
  std::uint64_t size = 0;
  bool eight_bit = false;
};

// Where a connection or a transaction ended.
enum class SmtpStage {
  greeting,
  hello,
  no_tls,           // required, and not offered
  starttls,         // refused although it is required, or refused with 421
  login_needs_tls,  // and there is none
  no_login,         // no mechanism that is known here
  login,
  sender,
  recipients,
  data,
  message
};

struct SmtpEnding {
  SmtpStage stage = SmtpStage::greeting;
  // `positive` only at stage message: the server has the message. At greeting and hello, where
  // the server did not judge the mail, never permanent. At recipients, where each has an answer
  // of its own, no reply. Up to the login always temporary.
  mail::Grade verdict = mail::Grade::temporary;
  std::string reply;
  // At login: its name in capitals.
  std::string_view mechanism = {};
};

// What the server said to a RCPT; `reply` is empty if it accepted.
struct RecipientOutcome {
  mail::Grade verdict = mail::Grade::success;
  std::string reply;
};

// Whether an address may be written into a command: no CR, LF or NUL.
bool can_be_sent(std::string_view address);

// How long a server may take for a whole reply (RFC 5321 section 4.5.3.2), and for each piece
// of the message that it is sent.
inline constexpr base::Seconds kReplyTime(300);
inline constexpr base::Seconds kDataReplyTime(120);
inline constexpr base::Seconds kPieceTime(180);
inline constexpr base::Seconds kDotReplyTime(600);

// What a reply shows in a report: servers repeat what they were told, and `login` may be in it.
// Null: there is no login.
std::string shown_reply(const SmtpReply& reply, const SaslLogin* login);

}  // namespace reqmail::proto
