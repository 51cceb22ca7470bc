// Failure notices in the form of QSBMF: the text before and after the paragraphs of
// bounce/N, and those paragraphs. As a multipart/report (RFC 6522) they have two more parts:
// the same for programs (RFC 3464), and the message.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"
#include "mail/dsn.h"
#include "scheduler/message_excerpt.h"

namespace reqmail::scheduler {

// One failed recipient: "<recipient>:", the reason, an empty line. A line feed that follows
// another one becomes '/', but for one at the very end.
std::string bounce_paragraph(std::string_view recipient, std::string_view reason);

// Appended to the reason of a deferral that is too old to be tried again.
inline constexpr std::string_view kTooLong =
    "I'm not going to try again; this message has been in the queue too long.\n";

// From control files that are read at the start.
struct BounceNames {
  std::string from;
  std::string host;
  // The address that gets bounces of bounces.
  std::string double_to;
  std::string double_host;
  // Bounces of bounces are discarded.
  bool discards_double = false;
};

// control/bouncestyle.
enum class BounceStyle {
  plain,    // as in qmail
  headers,  // with Message-ID and Auto-Submitted
  report,   // these, and the body is a multipart/report (RFC 6522, RFC 3464)
};

// Returns nullopt if the word names no style.
std::optional<BounceStyle> bounce_style(std::string_view word);

// From control files that are read again at HUP.
struct BounceForm {
  BounceStyle style = BounceStyle::plain;
  std::string subject = "failure notice";
  // A text that follows the opening paragraph of notices to senders; it may be empty.
  std::string text;
  // The longest copy of a message in bytes; 0: the whole message.
  std::uint64_t max_bytes = 0;
};

// What is to be sent. The parts come in this order:
//
//   head      the header and the opening words
//             the paragraphs of bounce/N
//   status    reports only: the head of the part for programs
//             reports only: the fields of each recipient (scheduler/delivery_status.h)
//   tail      from there to the copy of the message
//             the message, or a part of it (scheduler/message_excerpt.h)
//   end       reports only: the end of the last part
struct BounceMail {
  std::string envelope_sender;
  std::string envelope_recipient;
  bool is_report = false;
  std::string head;
  std::string status;
  std::string tail;
  std::string end;
  ExcerptLimit excerpt;
  // ORCPT by recipient, for the fields of a report.
  std::map<std::string, std::string> originals;
};

// The message that has failed.
struct BouncedMessage {
  std::string_view sender;
  base::Time queued{};
  // What the sender has asked for; null if nothing. The notice is a report then, whatever the
  // style of others is.
  const mail::DsnRequest* dsn = nullptr;
};

enum class BounceKind { to_sender, double_bounce, triple_bounce };

// What becomes of a message from `sender` that failed: the null sender makes it a double
// bounce, "#@[]" a triple one, which is discarded; both also with a "-@[]" at their end.
BounceKind bounce_kind(std::string_view sender);

// Returns the notice for the first two kinds. VERP senders lose their "-@[]". `token` is unique
// and cannot be guessed: it makes the Message-ID, and the boundary that no part may contain.
BounceMail bounce_mail(const BounceNames& names, const BounceForm& form,
                       const BouncedMessage& message, base::Time now, std::string_view token);

}  // namespace reqmail::scheduler
