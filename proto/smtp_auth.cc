#include "proto/smtp_auth.h"

#include <utility>

#include "base/ascii.h"
#include "base/text.h"

namespace reqmail::proto {

namespace {

std::string_view first_word(std::string_view text) {
  return text.substr(0, text.find(' '));
}

// Returns what follows the mechanism; nullopt if nothing does.
std::optional<std::string_view> initial_response(std::string_view argument) {
  std::string_view rest = argument.substr(first_word(argument).size());
  rest = base::trim_start(rest);
  if (rest.empty()) {
    return std::nullopt;
  }
  return rest;
}

}  // namespace

SmtpAuthPolicy smtp_auth_policy(std::string_view value) {
  SmtpAuthPolicy policy;
  policy.known = true;
  if (value == "-" || value == "0") {
    return policy;
  }
  if (value.starts_with('!')) {
    policy.required = true;
    value.remove_prefix(1);
  }
  const bool cram_alone = base::equal_ci(value, "cram");
  policy.cram_md5 = cram_alone || base::equal_ci(value, "+cram");
  policy.plain_and_login = !cram_alone;
  return policy;
}

std::string SmtpAuth::keyword(bool encrypted) const {
  if ((!policy_.plain_and_login && !policy_.cram_md5) || (!encrypted && !policy_.in_clear)) {
    return {};
  }
  return base::concat({"AUTH", policy_.plain_and_login ? " LOGIN PLAIN" : "",
                       policy_.cram_md5 ? " CRAM-MD5" : ""});
}

SmtpAuth::Choice SmtpAuth::choose(std::string_view argument, bool encrypted) const {
  if (!policy_.plain_and_login && !policy_.cram_md5) {
    return RefusalKind::login_unavailable;
  }
  if (!encrypted && !policy_.in_clear) {
    return RefusalKind::login_needs_tls;
  }
  if (identity_) {
    return RefusalKind::logged_in_already;
  }
  const std::string_view name = first_word(base::trim_end(argument));
  if (policy_.plain_and_login && base::equal_ci(name, "PLAIN")) {
    return SaslMechanism::plain;
  }
  if (policy_.plain_and_login && base::equal_ci(name, "LOGIN")) {
    return SaslMechanism::login;
  }
  if (policy_.cram_md5 && base::equal_ci(name, "CRAM-MD5")) {
    return SaslMechanism::cram_md5;
  }
  return RefusalKind::unknown_mechanism;
}

SmtpAuthStep SmtpAuth::begin(SaslMechanism mechanism, std::string_view argument,
                             std::string_view random) {
  exchange_.emplace(mechanism, base::concat({"<", random, "@", policy_.host, ">"}));
  return follow(exchange_->start(initial_response(argument)));
}

SmtpAuthStep SmtpAuth::answer(std::string_view line) {
  return follow(exchange_->answer(line));
}

SmtpAuthStep SmtpAuth::follow(SaslStep step) {
  if (step.event == SaslEvent::prompt) {
    return {.prompt = std::move(step.prompt)};
  }
  exchange_.reset();
  switch (step.event) {
  case SaslEvent::check:
    return {.check = std::move(step.credentials)};
  case SaslEvent::cancelled:
    return {.refusal = RefusalKind::login_cancelled};
  case SaslEvent::prompt:
  case SaslEvent::malformed:
    break;
  }
  return {.refusal = RefusalKind::login_malformed};
}

std::optional<RefusalKind> SmtpAuth::checked(const SaslCredentials& credentials,
                                             mail::LoginVerdict verdict) {
  switch (verdict) {
  case mail::LoginVerdict::accepted:
    identity_ = Identity{credentials.user, credentials.mechanism};
    return std::nullopt;
  case mail::LoginVerdict::refused:
    ++failures_;
    return RefusalKind::login_refused;
  case mail::LoginVerdict::trouble:
    break;
  }
  return RefusalKind::login_trouble;
}

void SmtpAuth::forget() {
  exchange_.reset();
  identity_.reset();
}

}  // namespace reqmail::proto
