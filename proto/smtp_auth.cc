#include "proto/smtp_auth.h"

#include <utility>

#include "base/ascii.h"
#include "base/text.h"

namespace reqmail::proto {

namespace {

std::string_view first_word(std::string_view text) {
  return text.substr(0, text.find(' '));
}

// What follows the mechanism; nothing where there is nothing.
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
    return {std::nullopt, "503 auth not available (#5.3.3)"};
  }
  if (!encrypted && !policy_.in_clear) {
    return {std::nullopt, "538 auth not available without TLS (#5.3.3)"};
  }
  if (identity_) {
    return {std::nullopt, "503 you're already authenticated (#5.5.0)"};
  }
  const std::string_view name = first_word(base::trim_end(argument));
  if (policy_.plain_and_login && base::equal_ci(name, "PLAIN")) {
    return {SaslMechanism::plain, {}};
  }
  if (policy_.plain_and_login && base::equal_ci(name, "LOGIN")) {
    return {SaslMechanism::login, {}};
  }
  if (policy_.cram_md5 && base::equal_ci(name, "CRAM-MD5")) {
    return {SaslMechanism::cram_md5, {}};
  }
  return {std::nullopt, "504 auth type invalid (#5.5.1)"};
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
    return {base::concat({"334 ", step.prompt}), std::nullopt};
  }
  exchange_.reset();
  switch (step.event) {
  case SaslEvent::check:
    return {std::string(), std::move(step.credentials)};
  case SaslEvent::cancelled:
    return {"501 auth exchange canceled (#5.0.0)", std::nullopt};
  case SaslEvent::prompt:
  case SaslEvent::malformed:
    break;
  }
  return {"501 malformed auth input (#5.5.4)", std::nullopt};
}

std::string_view SmtpAuth::checked(const SaslCredentials& credentials, AuthVerdict verdict) {
  switch (verdict) {
  case AuthVerdict::accepted:
    identity_ = Identity{credentials.user, credentials.mechanism};
    return "235 ok, go ahead (#2.0.0)";
  case AuthVerdict::refused:
    ++failures_;
    return "535 authentication failed (#5.7.1)";
  case AuthVerdict::trouble:
    break;
  }
  return "454 oops, the checker had trouble and I can't auth (#4.3.0)";
}

std::string_view SmtpAuth::mail_refusal(std::string_view sender) const {
  if (policy_.required && !identity_) {
    // The blank at the end is part of the text.
    return "530 Authorization required (#5.7.1) ";
  }
  if (policy_.user_is_sender && identity_ && !base::equal_ci(sender, identity_->user)) {
    return "503 from and auth not the same (#5.5.1)";
  }
  return {};
}

void SmtpAuth::forget() {
  exchange_.reset();
  identity_.reset();
}

}  // namespace reqmail::proto
