#include "proto/smtp_server.h"

#include "base/number.h"
#include "base/text.h"
#include "mail/address.h"
#include "mail/envelope.h"
#include "mail/received.h"
#include "mail/verdict_codec.h"

namespace reqmail::proto {

namespace {

SmtpStep reply(std::string_view text) {
  return {base::concat({text, "\r\n"}), SmtpAction::none};
}

SmtpStep hang_up(std::string_view text) {
  return {base::concat({text, "\r\n"}), SmtpAction::hang_up};
}

SmtpStep refuse(std::string_view text, std::string_view reason, std::string address) {
  SmtpStep step = reply(text);
  step.refusal = SmtpRefusal{reason, std::move(address)};
  return step;
}

SmtpStep refuse_sender(std::string_view text, std::string_view reason, std::string address) {
  SmtpStep step = refuse(text, reason, std::move(address));
  step.refusal->at_mail = true;
  return step;
}

SmtpStep host_failure(const Failure& failure) {
  return hang_up(base::concat({"421 ", failure.text}));
}

constexpr std::string_view kMalformed = "501 malformed command (#5.5.2)";
constexpr std::string_view kAuthLineTooLong = "500 auth line too long (#5.5.6)";
constexpr std::string_view kStarttlsFirst = "530 Must issue a STARTTLS command first (#5.7.0)";
constexpr std::string_view kTooLarge =
    "552 sorry, that message size exceeds my databytes limit (#5.3.4)";

}  // namespace

std::string SmtpServer::greeting() const {
  return base::concat({"220 ", settings_.greeting, " ESMTP\r\n"});
}

SmtpStep SmtpServer::handle(std::string_view line) {
  if (line.ends_with('\r')) {
    line.remove_suffix(1);
  }
  if (auth_.in_exchange()) {
    return auth_step(auth_.answer(line));
  }
  if (line.find('\0') != std::string_view::npos) {
    return reply(kMalformed);
  }
  const SmtpCommand command = parse_smtp_command(line);
  const bool may_be_unknown = command.verb == SmtpVerb::unknown ||
                              command.verb == SmtpVerb::starttls ||
                              command.verb == SmtpVerb::auth;
  if (!may_be_unknown) {
    unknown_in_a_row_ = 0;
  }
  return dispatch(line, command);
}

SmtpStep SmtpServer::dispatch(std::string_view line, const SmtpCommand& command) {
  switch (command.verb) {
  case SmtpVerb::helo:
    return hello(command.argument, false);
  case SmtpVerb::ehlo:
    return hello(command.argument, true);
  case SmtpVerb::mail:
    return mail(command.argument);
  case SmtpVerb::rcpt:
    return recipient(command.argument);
  case SmtpVerb::data:
    return data();
  case SmtpVerb::rset:
    forget_transaction();
    return reply("250 flushed");
  case SmtpVerb::noop:
    return reply("250 ok");
  case SmtpVerb::vrfy:
    return reply("252 send some mail, i'll try my best");
  case SmtpVerb::help:
    return reply("214 HELO EHLO MAIL RCPT DATA RSET NOOP VRFY HELP QUIT, see qmail-smtpd(8)");
  case SmtpVerb::quit:
    return {base::concat({"221 ", settings_.greeting, "\r\n"}), SmtpAction::quit};
  case SmtpVerb::starttls:
    return starttls(line, command.argument);
  case SmtpVerb::auth:
    return auth(line, command.argument);
  case SmtpVerb::unknown:
    break;
  }
  return unknown(line);
}

SmtpStep SmtpServer::hello(std::string_view name, bool extended) {
  forget_transaction();
  helo_ = name.substr(0, kHeloMax);
  if (!extended) {
    return reply(base::concat({"250 ", settings_.greeting}));
  }
  std::string lines = base::concat({"250-", settings_.greeting, "\r\n"});
  if (!security_ && host_.offers_tls()) {
    lines += "250-STARTTLS\r\n";
  }
  if (const std::string keyword = auth_.keyword(security_.has_value()); !keyword.empty()) {
    lines += base::concat({"250-", keyword, "\r\n"});
  }
  if (settings_.databytes > 0) {
    lines += base::concat({"250-SIZE ", base::decimal(settings_.databytes), "\r\n"});
  }
  lines += "250-PIPELINING\r\n250 8BITMIME";
  return reply(lines);
}

SmtpStep SmtpServer::mail(std::string_view argument) {
  auto address = address_of(argument);
  if (!address) {
    return host_failure(address.error());
  }
  if (mail::has_control_character(*address)) {
    return refuse_sender(kMalformed, "syntax", std::move(*address));
  }
  if (address->size() > kSmtpAddressMax) {
    return refuse_sender("555 syntax error (#5.5.4)", "syntax", std::move(*address));
  }
  if (settings_.tls_required && !security_) {
    return refuse_sender(kStarttlsFirst, "tls", std::move(*address));
  }
  if (const std::string_view refusal = auth_.mail_refusal(*address); !refusal.empty()) {
    return refuse_sender(refusal, auth_.identity() ? "sender" : "auth", std::move(*address));
  }
  if (announces_too_much(argument)) {
    return refuse_sender(kTooLarge, "size", std::move(*address));
  }
  forget_transaction();
  in_transaction_ = true;
  sender_is_bad_ = is_bad_sender(*address);
  transaction_.sender = std::move(*address);
  return reply("250 ok");
}

SmtpStep SmtpServer::recipient(std::string_view argument) {
  if (!in_transaction_) {
    return reply("503 MAIL first (#5.5.1)");
  }
  auto address = address_of(argument);
  if (!address) {
    return host_failure(address.error());
  }
  if (mail::has_control_character(*address)) {
    return refuse(kMalformed, "syntax", std::move(*address));
  }
  if (address->size() > kSmtpAddressMax) {
    return refuse("555 syntax error (#5.5.4)", "syntax", std::move(*address));
  }
  if (sender_is_bad_) {
    return refuse("553 sorry, your envelope sender is in my badmailfrom list (#5.7.1)",
                  "badmailfrom", std::move(*address));
  }
  auto allowed = may_receive(*address);
  if (!allowed) {
    return host_failure(allowed.error());
  }
  if (!*allowed) {
    return not_in_rcpthosts(std::move(*address));
  }
  const std::string suffix = relay_suffix().value_or(std::string());
  if (!has_room_for(address->size() + suffix.size())) {
    return refuse("452 too many recipients (#4.5.3)", "maxrcpt", std::move(*address));
  }
  transaction_.recipients.append(*address);
  transaction_.recipients.append(suffix);
  transaction_.recipients.push_back('\0');
  ++transaction_.recipient_count;
  return reply("250 ok");
}

// Whether the envelope may have one more recipient of so many bytes.
bool SmtpServer::has_room_for(std::size_t recipient) const {
  if (settings_.max_recipients > 0 &&
      transaction_.recipient_count >= settings_.max_recipients) {
    return false;
  }
  // The recipients are kept without the letters of their records.
  const std::uint64_t size = mail::record_size(transaction_.sender.size()) +
                             transaction_.recipients.size() + transaction_.recipient_count +
                             mail::record_size(recipient) + mail::kNul.size();
  return size <= mail::kNetworkEnvelopeMax;
}

SmtpStep SmtpServer::not_in_rcpthosts(std::string address) const {
  std::string note;
  if (security_ && security_->client_verify_error) {
    const std::string& why = *security_->client_verify_error;
    note = base::concat({"; no valid cert for gatewaying", why.empty() ? "" : ": ", why});
  }
  return refuse(base::concat({"553 sorry, that domain isn't in my list of allowed rcpthosts",
                              note, " (#5.7.1)"}),
                "rcpthosts", std::move(address));
}

// Who has logged in or shown a listed certificate relays, with the address as it is.
std::optional<std::string> SmtpServer::relay_suffix() const {
  if (auth_.identity() || (security_ && security_->client)) {
    return std::string();
  }
  return settings_.relay_suffix;
}

SmtpStep SmtpServer::data() {
  if (!in_transaction_) {
    return reply("503 MAIL first (#5.5.1)");
  }
  if (transaction_.recipient_count == 0) {
    return reply("503 RCPT first (#5.5.1)");
  }
  return {std::string(), SmtpAction::open_queue};
}

SmtpStep SmtpServer::unknown(std::string_view line) {
  if (is_http_request(line)) {
    return hang_up("554 this is a mail server, HTTP is not spoken here (#5.5.1)");
  }
  if (++unknown_in_a_row_ >= kUnknownCommandsMax) {
    return hang_up("421 too many errors (#4.7.0)");
  }
  return reply("502 unimplemented (#5.5.1)");
}

SmtpStep SmtpServer::starttls(std::string_view line, std::string_view argument) {
  if (security_ || !host_.offers_tls()) {
    return unknown(line);
  }
  unknown_in_a_row_ = 0;
  if (!argument.empty()) {
    return reply("501 Syntax error (no parameters allowed) (#5.5.4)");
  }
  // Both would be lost; no client means that.
  if (in_transaction_) {
    return reply("503 no TLS during mail transaction (#5.5.1)");
  }
  if (auth_.identity()) {
    return reply("503 no TLS after auth (#5.5.1)");
  }
  return {std::string(), SmtpAction::start_tls};
}

SmtpStep SmtpServer::tls_ready() {
  return reply("220 ready for tls");
}

SmtpStep SmtpServer::tls_refused(const Failure& failure) {
  return reply(base::concat({"454 TLS ", failure.text, " (#4.3.0)"}));
}

void SmtpServer::secured(SmtpSecurity security) {
  forget_transaction();
  auth_.forget();
  helo_.reset();
  unknown_in_a_row_ = 0;
  security_ = std::move(security);
}

void SmtpServer::resume(std::optional<std::string> helo, unsigned refused_logins) {
  helo_ = std::move(helo);
  auth_.set_failures(refused_logins);
}

SmtpStep SmtpServer::auth(std::string_view line, std::string_view argument) {
  if (!settings_.auth.known) {
    return unknown(line);
  }
  unknown_in_a_row_ = 0;
  if (line.size() > kAuthLineMax) {
    return hang_up(kAuthLineTooLong);
  }
  if (settings_.tls_required && !security_) {
    return reply(kStarttlsFirst);
  }
  const SmtpAuth::Choice choice = auth_.choose(argument, security_.has_value());
  if (!choice.mechanism) {
    return reply(choice.refusal);
  }
  if (in_transaction_) {
    return reply("503 no auth during mail transaction (#5.5.0)");
  }
  return begin_auth(*choice.mechanism, argument);
}

SmtpStep SmtpServer::begin_auth(SaslMechanism mechanism, std::string_view argument) {
  std::string word;
  if (mechanism == SaslMechanism::cram_md5) {
    auto random = host_.random_word();
    if (!random) {
      return reply("454 oops, no random numbers and I can't auth (#4.3.0)");
    }
    word = std::move(*random);
  }
  return auth_step(auth_.begin(mechanism, argument, word));
}

SmtpStep SmtpServer::auth_step(SmtpAuthStep step) {
  if (!step.check) {
    return reply(step.reply);
  }
  SmtpStep next;
  next.action = SmtpAction::check_user;
  next.credentials = std::move(step.check);
  return next;
}

SmtpStep SmtpServer::checked(const SaslCredentials& credentials, AuthVerdict verdict) {
  SmtpStep step = reply(auth_.checked(credentials, verdict));
  if (auth_.too_many_failures()) {
    step.reply += "421 too many failures (#4.7.0)\r\n";
    step.action = SmtpAction::hang_up;
  }
  return step;
}

std::size_t SmtpServer::line_limit() const {
  // The line end may have a CR, which does not count.
  return auth_.in_exchange() ? kAuthLineMax + 1 : kSmtpCommandMax;
}

std::string SmtpServer::received_protocol() const {
  const bool authenticated = auth_.identity().has_value();
  if (!security_) {
    return authenticated ? "ESMTPA" : "SMTP";
  }
  std::string protocol = authenticated ? "ESMTPSA" : "ESMTPS";
  if (!security_->cipher.empty()) {
    protocol += base::concat(
        {" (", security_->cipher, " encrypted", authenticated ? ", authenticated)" : ")"});
  }
  if (security_->client) {
    protocol += base::concat({"\n  (cert ", mail::received_safe(*security_->client), ")"});
  }
  return protocol;
}

SmtpStep SmtpServer::queue_opened(bool success) {
  return reply(success ? "354 go ahead" : "451 qqt failure (#4.3.0)");
}

SmtpTransaction SmtpServer::take_transaction() {
  SmtpTransaction taken = std::move(transaction_);
  forget_transaction();
  return taken;
}

std::string SmtpServer::answer(const SmtpOutcome& outcome) {
  if (outcome.too_many_hops) {
    return "554 too many hops, this message is looping (#5.4.6)\r\n";
  }
  if (outcome.too_large) {
    return base::concat({kTooLarge, "\r\n"});
  }
  if (!outcome.queued) {
    const Failure& failure = outcome.queued.error();
    const int code = mail::smtp_code(failure.permanence);
    return base::concat(
        {base::decimal(static_cast<std::uint64_t>(code)), " ", failure.text, "\r\n"});
  }
  const auto seconds = static_cast<std::uint64_t>(base::to_epoch(outcome.time));
  return base::concat(
      {"250 ok ", base::decimal(seconds), " qp ", base::decimal(outcome.process), "\r\n"});
}

SmtpStep SmtpServer::line_too_long() const {
  return hang_up(auth_.in_exchange() ? kAuthLineTooLong : "500 line too long (#5.5.6)");
}

SmtpStep SmtpServer::timed_out() {
  return hang_up("451 timeout (#4.4.2)");
}

SmtpStep SmtpServer::bare_line_feed() {
  return hang_up("451 See http://pobox.com/~djb/docs/smtplf.html.");
}

void SmtpServer::forget_transaction() {
  in_transaction_ = false;
  sender_is_bad_ = false;
  transaction_ = SmtpTransaction();
}

// The address an argument stands for, with the name of this host in the place of its own IP
// address.
Result<std::string> SmtpServer::address_of(std::string_view argument) {
  std::string address = smtp_address(argument);
  if (!settings_.own_host) {
    return address;
  }
  const auto literal = domain_literal(address);
  if (!literal) {
    return address;
  }
  auto own = host_.owns(*literal);
  if (!own) {
    return own.error();
  }
  if (*own) {
    address.resize(address.rfind('@') + 1);
    address.append(*settings_.own_host);
  }
  return address;
}

bool SmtpServer::is_bad_sender(std::string_view sender) const {
  if (settings_.bad_senders.empty()) {
    return false;
  }
  const std::size_t at = sender.rfind('@');
  return settings_.bad_senders.contains(sender) ||
         (at != std::string_view::npos && settings_.bad_senders.contains(sender.substr(at)));
}

Result<bool> SmtpServer::may_receive(std::string_view address) {
  if (relays()) {
    return true;
  }
  const mail::AddressParts parts = mail::split_address(address);
  return parts.has_domain ? host_.accepts(parts.domain) : Result<bool>(true);
}

// SIZE above what EHLO announced (RFC 1870 section 6.1). Without a limit the parameter means
// nothing, as ever.
bool SmtpServer::announces_too_much(std::string_view argument) const {
  if (settings_.databytes == 0) {
    return false;
  }
  const auto value = smtp_parameter(argument, "SIZE");
  if (!value || base::leading_digits(*value) != value->size() || value->empty()) {
    return false;
  }
  const auto size = base::parse_u64(*value);
  return !size || *size > settings_.databytes;
}

}  // namespace reqmail::proto
