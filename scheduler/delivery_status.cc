#include "scheduler/delivery_status.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "base/ascii.h"
#include "base/text.h"
#include "mail/address.h"
#include "mail/dsn.h"
#include "mail/idna.h"
#include "mail/unicode_xtext.h"
#include "scheduler/bounce_text.h"

namespace reqmail::scheduler {

namespace {

// How qmail-remote introduces the words of a server, and how it goes on after them.
constexpr std::string_view kSaid = "Remote host said: ";
constexpr std::string_view kGivingUp = "Giving up on ";
constexpr std::string_view kConnectedTo = "Connected to ";

// Of a message that is too old (RFC 3463: X.4.7).
constexpr std::string_view kExpired = "4.4.7";

// The longest Diagnostic-Code. A report may have 10,000 bytes of a stranger's words.
constexpr std::size_t kDiagnosticMax = 500;

// The width of lines in a field that is folded.
constexpr std::size_t kLineWidth = 76;

// Continues the field in new lines where one would be too long.
std::string folded(std::string_view field) {
  std::string out;
  while (field.size() > kLineWidth) {
    std::size_t blank = field.rfind(' ', kLineWidth);
    if (blank == std::string_view::npos || blank == 0) {
      blank = field.find(' ', 1);
    }
    if (blank == std::string_view::npos) {
      break;
    }
    out += base::concat({field.substr(0, blank), "\n"});
    field.remove_prefix(blank);
  }
  return base::concat({out, field, "\n"});
}

// Returns the words of the server, without the lines of qmail-remote; empty if there are none.
std::string_view server_words(std::string_view reason) {
  const std::size_t said = reason.find(kSaid);
  if (said == std::string_view::npos) {
    return {};
  }
  std::string_view words = reason.substr(said + kSaid.size());
  const std::size_t end = words.rfind(base::concat({"\n", kGivingUp}));
  if (end != std::string_view::npos) {
    words = words.substr(0, end);
  }
  // The sentence on a message that is too old is qmail-send's.
  const std::size_t too_long = words.rfind(kTooLong);
  return too_long == std::string_view::npos ? words : words.substr(0, too_long);
}

// Returns the address of the server at the beginning of a report of qmail-remote.
std::string_view server_address(std::string_view reason) {
  if (reason.starts_with(kConnectedTo)) {
    reason.remove_prefix(kConnectedTo.size());
  }
  const std::string_view word = reason.substr(0, reason.find(' '));
  const bool is_address =
      !word.empty() && word.find_first_not_of("0123456789abcdef.:") == std::string_view::npos &&
      word.find_first_of(".:") != std::string_view::npos;
  return is_address ? word : std::string_view();
}

// Returns the status code at the beginning of the text: class, subject and detail.
std::optional<std::string_view> leading_status(std::string_view text) {
  constexpr std::size_t kDigitsMax = 3;
  if (text.size() < 2 || (text[0] != '2' && text[0] != '4' && text[0] != '5')) {
    return std::nullopt;
  }
  std::size_t end = 1;
  for (int part = 0; part < 2; ++part) {
    if (end >= text.size() || text[end] != '.') {
      return std::nullopt;
    }
    const std::size_t begin = ++end;
    while (end < text.size() && base::is_digit(text[end])) {
      ++end;
    }
    if (end == begin || end - begin > kDigitsMax) {
      return std::nullopt;
    }
  }
  return text.substr(0, end);
}

// Returns the status in a server's reply: "550 5.2.1 no" and "550-5.2.1 no" have one.
std::string status_of_reply(std::string_view words) {
  constexpr std::size_t kCodeAndBlank = 4;
  const char first = words.front();
  if (words.size() > kCodeAndBlank) {
    const auto status = leading_status(words.substr(kCodeAndBlank));
    if (status && status->front() == first) {
      return std::string(*status);
    }
  }
  const char kind = first == '2' || first == '4' ? first : '5';
  return base::concat({std::string_view(&kind, 1), ".0.0"});
}

// Returns the last "(#x.y.z)" of a text.
std::optional<std::string_view> status_in_text(std::string_view text) {
  constexpr std::string_view kOpen = "(#";
  for (std::size_t at = text.rfind(kOpen); at != std::string_view::npos;
       at = at == 0 ? std::string_view::npos : text.rfind(kOpen, at - 1)) {
    const std::string_view rest = text.substr(at + kOpen.size());
    const auto status = leading_status(rest);
    if (status && rest.substr(status->size()).starts_with(')')) {
      return status;
    }
  }
  return std::nullopt;
}

std::string_view name_of(DsnAction action) {
  switch (action) {
  case DsnAction::failed:
    return "failed";
  case DsnAction::delayed:
    return "delayed";
  case DsnAction::delivered:
    return "delivered";
  case DsnAction::relayed:
    break;
  }
  return "relayed";
}

// The class that the status of an action has if nothing says more.
char class_of(DsnAction action) {
  switch (action) {
  case DsnAction::failed:
    return '5';
  case DsnAction::delayed:
    return '4';
  case DsnAction::delivered:
  case DsnAction::relayed:
    break;
  }
  return '2';
}

std::string status_of(DsnAction action, std::string_view reason, std::string_view words) {
  if (action == DsnAction::failed && reason.find(kTooLong) != std::string_view::npos) {
    return std::string(kExpired);
  }
  const char wanted = class_of(action);
  const std::string plain = base::concat({std::string_view(&wanted, 1), ".0.0"});
  if (!words.empty()) {
    const std::string status = status_of_reply(words);
    return status.front() == wanted ? status : plain;
  }
  const auto status = status_in_text(reason);
  return status && status->front() == wanted ? std::string(*status) : plain;
}

// The type of addresses that are UTF-8 (RFC 6533 section 3).
constexpr std::string_view kUnicode = "utf-8";

bool is_unicode(std::string_view address) {
  return !mail::is_ascii(address) && mail::is_utf8(address);
}

// Returns "rfc822; bob@x" for "rfc822;bob+40x".
std::string original_recipient(std::string_view original) {
  const std::size_t end = original.find(';');
  const std::string_view type = original.substr(0, end);
  const std::string address =
      mail::decode_xtext(original.substr(end + 1)).value_or(std::string());
  return base::concat({type, "; ",
                       field_text(base::equal_ci(type, kUnicode) && is_unicode(address)
                                      ? mail::without_raw_unicode(address)
                                      : address)});
}

// Returns "rfc822; bob@x", or "utf-8; b\x{F6}b@x" for an address that is not ASCII.
std::string final_recipient(std::string_view recipient) {
  return is_unicode(recipient)
             ? base::concat({kUnicode, "; ", mail::unicode_xtext(recipient)})
             : base::concat({"rfc822; ", field_text(mail::quote_address(recipient))});
}

}  // namespace

std::string field_text(std::string_view text) {
  std::string clean;
  for (const char c : text) {
    const bool blank = c == ' ' || c == '\t' || c == '\n' || c == '\r';
    if (blank) {
      if (!clean.empty() && clean.back() != ' ') {
        clean.push_back(' ');
      }
    } else {
      clean.push_back(c > ' ' && c < 127 ? c : '?');
    }
  }
  while (clean.ends_with(' ')) {
    clean.pop_back();
  }
  return clean;
}

std::string recipient_fields(DsnAction action, std::string_view recipient,
                             std::string_view reason, std::string_view original) {
  const std::string_view words = server_words(reason);
  const std::string_view address = server_address(reason);
  std::string fields = "\n";
  if (!original.empty()) {
    fields += base::concat({"Original-Recipient: ", original_recipient(original), "\n"});
  }
  fields += base::concat({"Final-Recipient: ", final_recipient(recipient),
                          "\nAction: ", name_of(action),
                          "\nStatus: ", status_of(action, reason, words), "\n"});
  if (!words.empty() && !address.empty()) {
    fields += base::concat({"Remote-MTA: dns; [",
                            address.find(':') == std::string_view::npos ? "" : "IPv6:", address,
                            "]\n"});
  }
  const std::string diagnosis = field_text(words.empty() ? reason : words);
  if (!diagnosis.empty() && action != DsnAction::delivered) {
    fields += folded(base::concat({"Diagnostic-Code: ", words.empty() ? "x-qmail; " : "smtp; ",
                                   std::string_view(diagnosis).substr(0, kDiagnosticMax)}));
  }
  return fields;
}

// --- Paragraphs ---

// Takes the first paragraph out of the text, which has its end.
std::string FailedRecipients::paragraph() {
  const std::size_t end = text_.find("\n\n");
  const std::string whole = text_.substr(0, end + 1);
  text_.erase(0, end + 2);
  const std::size_t line = whole.find('\n');
  const std::string_view name = std::string_view(whole).substr(0, line);
  constexpr std::string_view kAfter = ">:";
  if (!name.starts_with('<') || !name.ends_with(kAfter)) {
    return {};
  }
  const std::string_view recipient = name.substr(1, name.size() - 1 - kAfter.size());
  const auto original = originals_.find(std::string(recipient));
  return recipient_fields(DsnAction::failed, recipient,
                          std::string_view(whole).substr(line + 1),
                          original == originals_.end() ? std::string_view() : original->second);
}

// A reason that ends in an empty line leaves one more line feed between two paragraphs.
void FailedRecipients::skip_line_feeds() {
  text_.erase(0, text_.find_first_not_of('\n'));
}

std::string FailedRecipients::take(std::string_view piece) {
  text_.append(piece);
  std::string out;
  for (skip_line_feeds(); text_.find("\n\n") != std::string::npos; skip_line_feeds()) {
    out += paragraph();
  }
  return out;
}

std::string FailedRecipients::finish() {
  if (text_.empty()) {
    return {};
  }
  text_.append("\n\n");
  return paragraph();
}

}  // namespace reqmail::scheduler
