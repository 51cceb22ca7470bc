// Failure notices in the form of QSBMF: the text before and after the paragraphs of
// bounce/N, and those paragraphs.
#pragma once

#include <string>
#include <string_view>

#include "base/time.h"

namespace reqmail::scheduler {

// One failed recipient: "<recipient>:", the reason, an empty line. A line feed that follows
// another one becomes '/', but for one at the very end.
std::string bounce_paragraph(std::string_view recipient, std::string_view reason);

// Appended to the reason of a deferral that is too old to be tried again.
inline constexpr std::string_view kTooLong =
    "I'm not going to try again; this message has been in the queue too long.\n";

// From controls.
struct BounceNames {
  std::string from;
  std::string host;
  // Where bounces of bounces go.
  std::string double_to;
  std::string double_host;
};

struct BounceMail {
  std::string envelope_sender;
  std::string envelope_recipient;
  // The header and the opening words.
  std::string head;
  // From the end of the paragraphs to the copy of the message.
  std::string tail;
};

enum class BounceKind { to_sender, double_bounce, triple_bounce };

// What becomes of a message from `sender` that failed: the null sender makes it a double
// bounce, "#@[]" a triple one, which is discarded; both also with a "-@[]" at their end.
BounceKind bounce_kind(std::string_view sender);

// For the first two kinds. VERP senders lose their "-@[]".
BounceMail bounce_mail(const BounceNames& names, std::string_view sender, base::Time now);

}  // namespace reqmail::scheduler
