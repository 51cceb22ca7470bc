#include "scheduler/bounce_text.h"

#include "base/text.h"
#include "mail/address.h"
#include "mail/date822.h"
#include "scheduler/router.h"

namespace reqmail::scheduler {

namespace {

constexpr std::string_view kDoubleBounceSender = "#@[]";

}  // namespace

std::string bounce_paragraph(std::string_view recipient, std::string_view reason) {
  std::string text = base::concat({"<", recipient, ">:"});
  for (char& c : text) {
    if (c == '\n') {
      c = '_';
    }
  }
  text.push_back('\n');
  text.append(reason);
  if (text.back() != '\n') {
    text.push_back('\n');
  }
  // An empty line would end the paragraph too early. From the end, so that each byte is
  // compared with a predecessor that nothing has changed yet; the last line feed stays.
  for (std::size_t i = text.size() - 2; i > 0; --i) {
    if (text[i] == '\n' && text[i - 1] == '\n') {
      text[i] = '/';
    }
  }
  text.push_back('\n');
  return text;
}

BounceKind bounce_kind(std::string_view sender) {
  const std::string_view author = bounce_recipient(sender);
  if (author == kDoubleBounceSender) {
    return BounceKind::triple_bounce;
  }
  return author.empty() ? BounceKind::double_bounce : BounceKind::to_sender;
}

BounceMail bounce_mail(const BounceNames& names, std::string_view sender, base::Time now) {
  const bool is_double = bounce_kind(sender) == BounceKind::double_bounce;
  const std::string_view author = bounce_recipient(sender);
  BounceMail bounce;
  bounce.envelope_sender = is_double ? kDoubleBounceSender : "";
  bounce.envelope_recipient =
      is_double ? base::concat({names.double_to, "@", names.double_host}) : std::string(author);
  bounce.head = base::concat(
      {"Date: ", mail::date822(now), "\nFrom: ", mail::quote_local_part(names.from), "@",
       names.host, "\nTo: ", mail::quote_address(bounce.envelope_recipient),
       "\nSubject: failure notice\n\nHi. This is the qmail-send program at ", names.host, ".\n",
       is_double
           ? "I tried to deliver a bounce message to this address, but the bounce bounced!\n\n"
           : "I'm afraid I wasn't able to deliver your message to the following addresses.\n"
             "This is a permanent error; I've given up. Sorry it didn't work out.\n\n"});
  bounce.tail = base::concat({is_double ? "--- Below this line is the original bounce.\n\n"
                                        : "--- Below this line is a copy of the message.\n\n",
                              "Return-Path: <", mail::quote_address(author), ">\n"});
  return bounce;
}

}  // namespace reqmail::scheduler
