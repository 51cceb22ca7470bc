#include "proto/dsn_parameters.h"

#include <algorithm>
#include <string>

#include "base/ascii.h"
#include "base/text.h"
#include "mail/idna.h"
#include "mail/unicode_xtext.h"
#include "proto/smtp_command.h"

namespace reqmail::proto {

namespace {

// Returns whether a parameter is absent, or there once and with a value (RFC 3461 section 4).
bool is_single(std::string_view argument, std::string_view name) {
  const auto words = base::split(smtp_parameters(argument), ' ');
  const auto count = std::ranges::count_if(words, [name](std::string_view word) {
    return base::equal_ci(word.substr(0, word.find('=')), name);
  });
  return count == 0 || (count == 1 && smtp_parameter(argument, name));
}

// Returns whether this is an address with UTF-8 as it is, which may come with SMTPUTF8 (RFC
// 6533 section 3).
bool is_raw_unicode(std::string_view original) {
  return base::starts_with_ci(original, "utf-8;") && !mail::is_ascii(original) &&
         mail::is_utf8(original);
}

}  // namespace

bool take_dsn_of_mail(std::string_view argument, mail::DsnRequest& request) {
  if (!is_single(argument, "RET") || !is_single(argument, "ENVID")) {
    return false;
  }
  if (const auto value = smtp_parameter(argument, "RET")) {
    const auto returns = mail::parse_dsn_return(*value);
    if (!returns) {
      return false;
    }
    request.returns = *returns;
  }
  if (const auto value = smtp_parameter(argument, "ENVID")) {
    if (!mail::is_envelope_id(*value)) {
      return false;
    }
    request.envelope_id = *value;
  }
  return true;
}

bool take_dsn_of_rcpt(std::string_view argument, bool utf8, mail::DsnRecipient& recipient) {
  if (!is_single(argument, "NOTIFY") || !is_single(argument, "ORCPT")) {
    return false;
  }
  if (const auto value = smtp_parameter(argument, "NOTIFY")) {
    recipient.notify = mail::parse_dsn_notify(*value);
    if (!recipient.notify) {
      return false;
    }
  }
  if (const auto value = smtp_parameter(argument, "ORCPT")) {
    const bool raw = utf8 && is_raw_unicode(*value);
    const std::string original = raw ? mail::without_raw_unicode(*value) : std::string(*value);
    if (raw && original.size() > mail::kOriginalRecipientMax) {
      return true;
    }
    if (!mail::is_original_recipient(original)) {
      return false;
    }
    recipient.original = original;
  }
  return true;
}

}  // namespace reqmail::proto
