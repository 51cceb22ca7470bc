#include "proto/dsn_parameters.h"

#include "proto/smtp_command.h"

namespace reqmail::proto {

bool take_dsn_of_mail(std::string_view argument, mail::DsnRequest& request) {
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
