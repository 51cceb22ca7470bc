#include "proto/dsn_parameters.h"

#include <algorithm>

#include "base/ascii.h"
#include "base/text.h"
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

bool take_dsn_of_rcpt(std::string_view argument, mail::DsnRecipient& recipient) {
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
    if (!mail::is_original_recipient(*value)) {
      return false;
    }
    recipient.original = *value;
  }
  return true;
}

}  // namespace reqmail::proto
