#include "scheduler/bounce_text.h"

#include <utility>

#include "base/text.h"
#include "mail/address.h"
#include "mail/date822.h"
#include "scheduler/router.h"

namespace reqmail::scheduler {

namespace {

constexpr std::string_view kDoubleBounceSender = "#@[]";

constexpr std::string_view kDeliveryStatus = "message/delivery-status";
constexpr std::string_view kEightBit = "Content-Transfer-Encoding: 8bit\n";

constexpr std::pair<std::string_view, BounceStyle> kStyles[] = {
    {"headers", BounceStyle::headers}, {"dsn", BounceStyle::report}};

constexpr std::string_view kOpening =
    "I'm afraid I wasn't able to deliver your message to the following addresses.\n"
    "This is a permanent error; I've given up. Sorry it didn't work out.\n\n";
constexpr std::string_view kDoubleOpening =
    "I tried to deliver a bounce message to this address, but the bounce bounced!\n\n";

// The rest of the header of a report, and the beginning of its first part. Reasons and messages
// may have bytes of 8 bits.
std::string report_head(std::string_view boundary) {
  return base::concat(
      {"MIME-Version: 1.0\nContent-Type: multipart/report; "
       "report-type=delivery-status;\n boundary=\"",
       boundary, "\"\nContent-Transfer-Encoding: 8bit\n\n--", boundary,
       "\nContent-Type: text/plain; charset=utf-8\n"
       "Content-Transfer-Encoding: 8bit\n"});
}

// The end of one part and the head of the next.
std::string part_head(std::string_view boundary, std::string_view type) {
  return base::concat({"\n--", boundary, "\nContent-Type: ", type, "\n",
                       type == kDeliveryStatus ? std::string_view() : kEightBit, "\n"});
}

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

std::optional<BounceStyle> bounce_style(std::string_view word) {
  for (const auto& [name, style] : kStyles) {
    if (word == name) {
      return style;
    }
  }
  return std::nullopt;
}

BounceMail bounce_mail(const BounceNames& names, const BounceForm& form,
                       const BouncedMessage& message, base::Time now, std::string_view token) {
  const bool is_double = bounce_kind(message.sender) == BounceKind::double_bounce;
  const std::string_view author = bounce_recipient(message.sender);
  BounceMail bounce;
  bounce.envelope_sender = is_double ? kDoubleBounceSender : "";
  bounce.envelope_recipient =
      is_double ? base::concat({names.double_to, "@", names.double_host}) : std::string(author);
  bounce.is_report = form.style == BounceStyle::report;
  bounce.excerpt.max_bytes = form.max_bytes;
  bounce.excerpt.is_part = bounce.is_report;
  bounce.head = base::concat({"Date: ", mail::date822(now),
                              "\nFrom: ", mail::quote_local_part(names.from), "@", names.host,
                              "\nTo: ", mail::quote_address(bounce.envelope_recipient),
                              "\nSubject: ", form.subject, "\n"});
  if (form.style != BounceStyle::plain) {
    bounce.head += base::concat(
        {"Message-ID: <", token, "@", names.host, ">\nAuto-Submitted: auto-replied\n"});
  }
  if (bounce.is_report) {
    bounce.head += report_head(token);
  }
  bounce.head += base::concat({"\nHi. This is the qmail-send program at ", names.host, ".\n",
                               is_double ? kDoubleOpening : kOpening});
  if (!is_double && !form.text.empty()) {
    bounce.head +=
        base::concat({form.text, form.text.ends_with('\n') ? std::string_view() : "\n", "\n"});
  }
  const std::string return_path =
      base::concat({"Return-Path: <", mail::quote_address(author), ">\n"});
  if (bounce.is_report) {
    bounce.status =
        base::concat({part_head(token, kDeliveryStatus), "Reporting-MTA: dns; ", names.host,
                      "\nArrival-Date: ", mail::date822(message.queued), "\n"});
    bounce.tail = base::concat({part_head(token, "message/rfc822"), return_path});
    bounce.end = base::concat({"\n--", token, "--\n"});
  } else {
    bounce.tail = base::concat({is_double ? "--- Below this line is the original bounce.\n\n"
                                          : "--- Below this line is a copy of the message.\n\n",
                                return_path});
  }
  return bounce;
}

}  // namespace reqmail::scheduler
