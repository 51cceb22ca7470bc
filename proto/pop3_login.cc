#include "proto/pop3_login.h"

#include <utility>

#include "base/ascii.h"
#include "base/text.h"
#include "proto/pop3.h"

namespace reqmail::proto {

namespace {

constexpr std::string_view kPlain = "plain";

Pop3LoginStep refuse(std::string_view text) {
  return {pop3_error(text), {}};
}

}  // namespace

std::string_view pop3_method_name(Pop3Method method) {
  switch (method) {
  case Pop3Method::pass:
    return "pass";
  case Pop3Method::apop:
    return "apop";
  case Pop3Method::plain:
    break;
  }
  return kPlain;
}

Pop3LoginStep Pop3Login::handle(std::string_view line, bool offers_tls) {
  // NUL separates the fields of the checker's input, so no field may have one.
  if (line.find('\0') != std::string_view::npos) {
    return refuse("syntax error");
  }
  if (exchange_) {
    return follow(
        exchange_->answer(line.ends_with('\r') ? line.substr(0, line.size() - 1) : line));
  }
  const Pop3Command command = parse_pop3_command(line);
  const bool has_apop = command.verb == "apop" && policy_.apop;
  const bool is_login = command.verb == "user" || command.verb == "pass" || has_apop;
  if (is_login && must_wait_for_tls()) {
    return refuse("STLS first");
  }
  if (command.verb == "user") {
    return user(command.argument);
  }
  if (command.verb == "pass") {
    return pass(command.argument);
  }
  if (has_apop) {
    return apop(command.argument);
  }
  if (command.verb == "auth" && policy_.secure) {
    return auth(command.argument);
  }
  if (command.verb == "noop") {
    return {pop3_ok(), {}};
  }
  if (command.verb == "capa") {
    return {capabilities(offers_tls), {}};
  }
  if (command.verb == "stls" && offers_tls && !policy_.secure) {
    return command.argument.empty() ? Pop3LoginStep{{}, {}, false, true}
                                    : refuse("syntax error");
  }
  if (command.verb == "quit") {
    return {pop3_ok(), {}, true};
  }
  return refuse("authorization first");
}

void Pop3Login::secured() {
  policy_.secure = true;
  user_.clear();
}

std::string Pop3Login::capabilities(bool offers_tls) const {
  std::string lines = pop3_ok();
  if (!must_wait_for_tls()) {
    lines += "USER\r\n";
  }
  if (policy_.secure) {
    lines += "SASL PLAIN\r\n";
  }
  lines += "UIDL\r\nTOP\r\nPIPELINING\r\n";
  if (offers_tls && !policy_.secure) {
    lines += "STLS\r\n";
  }
  return lines + ".\r\n";
}

Pop3LoginStep Pop3Login::user(std::string_view name) {
  if (name.empty()) {
    return refuse("syntax error");
  }
  user_ = name;
  return {pop3_ok(), {}};
}

Pop3LoginStep Pop3Login::pass(std::string_view secret) {
  if (user_.empty()) {
    return refuse("USER first");
  }
  if (secret.empty()) {
    return refuse("syntax error");
  }
  return {{}, Pop3Credentials{user_, std::string(secret), Pop3Method::pass}};
}

Pop3LoginStep Pop3Login::apop(std::string_view argument) {
  const std::size_t blank = argument.find(' ');
  if (blank == std::string_view::npos) {
    return refuse("syntax error");
  }
  return {{},
          Pop3Credentials{std::string(argument.substr(0, blank)),
                          std::string(argument.substr(blank + 1)), Pop3Method::apop}};
}

Pop3LoginStep Pop3Login::auth(std::string_view argument) {
  const std::size_t blank = argument.find(' ');
  if (!base::equal_ci(argument.substr(0, blank), kPlain)) {
    return refuse("syntax error");
  }
  const std::string_view initial = blank == std::string_view::npos
                                       ? std::string_view()
                                       : base::trim_start(argument.substr(blank));
  exchange_.emplace(SaslMechanism::plain);
  return follow(exchange_->start(initial.empty() ? std::nullopt : std::optional(initial)));
}

Pop3LoginStep Pop3Login::follow(SaslStep step) {
  if (step.event == SaslEvent::prompt) {
    return {base::concat({"+ ", step.prompt, "\r\n"}), {}};
  }
  exchange_.reset();
  switch (step.event) {
  case SaslEvent::check:
    return {{},
            Pop3Credentials{std::move(step.credentials.user),
                            std::move(step.credentials.secret), Pop3Method::plain}};
  case SaslEvent::cancelled:
    return refuse("auth exchange canceled");
  case SaslEvent::prompt:
  case SaslEvent::malformed:
    break;
  }
  return refuse("syntax error");
}

}  // namespace reqmail::proto
