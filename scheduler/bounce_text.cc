#include "scheduler/bounce_text.h"

#include <utility>

#include "base/text.h"
#include "mail/address.h"
#include "scheduler/report_frame.h"
#include "scheduler/router.h"

namespace reqmail::scheduler {

namespace {

constexpr std::string_view kDoubleBounceSender = "#@[]";

constexpr std::pair<std::string_view, BounceStyle> kStyles[] = {
    {"headers", BounceStyle::headers}, {"dsn", BounceStyle::report}};

constexpr std::string_view kOpening =
    "I'm afraid I wasn't able to deliver your message to the following addresses.\n"
    "This is a permanent error; I've given up. Sorry it didn't work out.\n\n";
constexpr std::string_view kDoubleOpening =
    "I tried to deliver a bounce message to this address, but the bounce bounced!\n\n";

std::map<std::string, std::string> originals(const mail::DsnRequest& request) {
  std::map<std::string, std::string> originals;
  for (const mail::DsnRecipient& recipient : request.recipients) {
    if (!recipient.original.empty()) {
      originals.emplace(recipient.address, recipient.original);
    }
  }
  return originals;
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
  const bool is_report = form.style == BounceStyle::report || message.dsn != nullptr;
  bounce.excerpt.max_bytes = form.max_bytes;
  bounce.head = notice_fields(names, bounce.envelope_recipient, form.subject, now);
  if (is_report || form.style == BounceStyle::headers) {
    bounce.head += style_fields(names, token);
  }
  if (is_report) {
    bounce.head += report_fields(token);
  }
  bounce.head += base::concat({"\nHi. This is the qmail-send program at ", names.host, ".\n",
                               is_double ? kDoubleOpening : kOpening});
  if (!is_double && !form.text.empty()) {
    bounce.head +=
        base::concat({form.text, form.text.ends_with('\n') ? std::string_view() : "\n", "\n"});
  }
  if (is_report) {
    ReportedMessage reported{author, message.queued, {}, false};
    if (message.dsn != nullptr) {
      reported.envelope_id = message.dsn->envelope_id;
      reported.header_only = message.dsn->returns == mail::DsnReturn::headers;
      bounce.originals = originals(*message.dsn);
    }
    frame_report(bounce, names, reported, token);
  } else {
    bounce.tail = base::concat({is_double ? "--- Below this line is the original bounce.\n\n"
                                          : "--- Below this line is a copy of the message.\n\n",
                                "Return-Path: <", mail::quote_address(author), ">\n"});
  }
  return bounce;
}

}  // namespace reqmail::scheduler
