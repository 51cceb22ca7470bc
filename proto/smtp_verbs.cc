#include "proto/smtp_verbs.h"

#include <limits>
#include <utility>

#include "base/ascii.h"
#include "base/number.h"
#include "base/text.h"
#include "mail/address.h"
#include "mail/idna.h"
#include "proto/dsn_parameters.h"
#include "proto/smtp_command.h"

namespace reqmail::proto {

namespace {

using Needs = SmtpVerb::Needs;
using Phase = PolicyPhase;

// The extension and its parameter of MAIL (RFC 6531 section 3.1).
constexpr std::string_view kSmtpUtf8 = "SMTPUTF8";

std::string help_text();

SmtpStep refuse(RefusalKind kind) {
  return smtp_refuse(refusal(kind));
}

SmtpStep ask(Question question) {
  return {.action = SmtpAction::ask, .question = std::move(question)};
}

// --- Whether a command is offered ---

Ruling if_offered(bool offered) {
  return offered ? Ruling(Accepted()) : Ruling(refusal(RefusalKind::unknown_command));
}

Ruling starttls_is_offered(const SmtpState& state, Answers answers) {
  if (state.security) {
    return if_offered(false);
  }
  if (answers.empty()) {
    return Question{.about = Question::About::tls_offered};
  }
  return if_offered(answers.front() && answers.front()->yes);
}

Ruling auth_is_offered(const SmtpState& state, Answers /*answers*/) {
  return if_offered(state.auth.policy().known);
}

// --- Arguments ---

std::optional<base::IpAddress> literal_of(const SmtpState& state, std::string_view address) {
  if (const auto octets = domain_literal(address)) {
    return base::IpAddress(*octets);
  }
  return state.ipv6_literals ? ipv6_domain_literal(address) : std::nullopt;
}

// Parses the address of MAIL or RCPT. If its domain is an IP address of this host, the name of
// this host replaces it.
Ruling address_check(const SmtpState& state, SmtpRequest& request, Answers answers) {
  request.address = smtp_address(request.argument);
  const auto literal = literal_of(state, request.address);
  if (state.own_host && literal) {
    if (answers.empty()) {
      return Question{.about = Question::About::own_address, .address = *literal};
    }
    const Result<Answer>& own = answers.front();
    if (!own) {
      return refusal_for(own.error());
    }
    if (own->yes) {
      request.address.resize(request.address.rfind('@') + 1);
      request.address.append(*state.own_host);
    }
  }
  if (request.address.size() > kSmtpAddressMax) {
    return refusal(RefusalKind::address_too_long);
  }
  return Accepted();
}

// Sets the form of the address that is compared and looked up.
Ruling set_compared(const SmtpState& state, SmtpRequest& request, bool smtputf8_said) {
  request.compared = request.address;
  if (!state.extensions.utf8 || mail::is_ascii(request.address)) {
    return Accepted();
  }
  if (!smtputf8_said) {
    return refusal(RefusalKind::smtputf8_not_said);
  }
  if (!mail::is_utf8(request.address)) {
    return refusal(RefusalKind::not_utf8);
  }
  auto compared = mail::find_address_in_a_labels(request.address);
  if (!compared && compared.error().permanence == Permanence::temporary) {
    return refusal(RefusalKind::u_label_unsure);
  }
  if (!compared) {
    return refusal(RefusalKind::no_such_u_label);
  }
  request.compared = *std::move(compared);
  return Accepted();
}

Ruling sender_check(const SmtpState& state, SmtpRequest& request, Answers answers) {
  Ruling ruling = address_check(state, request, answers);
  if (!std::holds_alternative<Accepted>(ruling)) {
    return ruling;
  }
  if (mail::has_control_character(request.address)) {
    return refusal(RefusalKind::malformed);
  }
  return set_compared(state, request, has_smtp_keyword(request.argument, kSmtpUtf8));
}

Ruling recipient_check(const SmtpState& state, SmtpRequest& request, Answers answers) {
  Ruling ruling = address_check(state, request, answers);
  return std::holds_alternative<Accepted>(ruling)
             ? set_compared(state, request, state.envelope.utf8)
             : ruling;
}

Ruling mail_check(const SmtpState& state, SmtpRequest& request, Answers answers) {
  mail::DsnRequest dsn;
  if (state.extensions.dsn && !take_dsn_of_mail(request.argument, dsn)) {
    return refusal(RefusalKind::bad_parameter);
  }
  return sender_check(state, request, answers);
}

Ruling rcpt_check(const SmtpState& state, SmtpRequest& request, Answers answers) {
  mail::DsnRecipient dsn;
  if (state.extensions.dsn && !take_dsn_of_rcpt(request.argument, state.envelope.utf8, dsn)) {
    return refusal(RefusalKind::bad_parameter);
  }
  return recipient_check(state, request, answers);
}

Ruling no_argument(const SmtpState& /*state*/, SmtpRequest& request, Answers /*answers*/) {
  if (!request.argument.empty()) {
    return refusal(RefusalKind::no_parameters);
  }
  return Accepted();
}

Ruling login_line_fits(const SmtpState& /*state*/, SmtpRequest& request, Answers /*answers*/) {
  if (request.line.size() > kAuthLineMax) {
    return refusal(RefusalKind::login_line_too_long);
  }
  return Accepted();
}

// --- Effects ---

// The reply to a greeting or to the client's name: it has no enhanced status code, since the
// client cannot know yet that the server uses them.
SmtpStep plain_reply(std::string_view text) {
  SmtpStep step = smtp_reply(text);
  step.status = {};
  return step;
}

SmtpStep reply_with(std::string_view text, std::string_view status) {
  SmtpStep step = smtp_reply(text);
  step.status = status;
  return step;
}

SmtpStep greet(SmtpState& state, SmtpRequest& /*request*/, Answers /*answers*/) {
  return plain_reply(base::concat({"220 ", state.greeting, " ESMTP"}));
}

void take_name(SmtpState& state, std::string_view name) {
  state.forget_transaction();
  state.helo = name.substr(0, kHeloMax);
}

SmtpStep helo(SmtpState& state, SmtpRequest& request, Answers /*answers*/) {
  take_name(state, request.argument);
  state.speaks_esmtp = false;
  return plain_reply(base::concat({"250 ", state.greeting}));
}

SmtpStep ehlo(SmtpState& state, SmtpRequest& request, Answers answers) {
  const Ruling starttls = starttls_is_offered(state, answers);
  if (const auto* question = std::get_if<Question>(&starttls)) {
    return ask(*question);
  }
  take_name(state, request.argument);
  state.speaks_esmtp = true;
  std::string lines = base::concat({"250-", state.greeting, "\r\n"});
  if (std::holds_alternative<Accepted>(starttls)) {
    lines += "250-STARTTLS\r\n";
  }
  const std::string keyword = state.auth.keyword(state.security.has_value());
  if (!keyword.empty()) {
    lines += base::concat({"250-", keyword, "\r\n"});
  }
  if (const std::uint64_t databytes = state.policy.settings().databytes; databytes > 0) {
    lines += base::concat({"250-SIZE ", base::decimal(databytes), "\r\n"});
  }
  lines += "250-PIPELINING\r\n";
  if (state.extensions.enhanced_status_codes) {
    lines += "250-ENHANCEDSTATUSCODES\r\n";
  }
  if (state.extensions.dsn) {
    lines += "250-DSN\r\n";
  }
  if (state.extensions.utf8) {
    lines += base::concat({"250-", kSmtpUtf8, "\r\n"});
  }
  lines += "250 8BITMIME";
  return plain_reply(lines);
}

SmtpStep mail_from(SmtpState& state, SmtpRequest& request, Answers /*answers*/) {
  state.forget_transaction();
  state.in_transaction = true;
  ++state.transactions;
  state.envelope.sender = std::move(request.address);
  state.envelope.compared_sender = std::move(request.compared);
  state.envelope.utf8 = state.extensions.utf8 && has_smtp_keyword(request.argument, kSmtpUtf8);
  state.envelope.announced_size = announced_size(request.argument).value_or(0);
  if (state.extensions.dsn) {
    (void)take_dsn_of_mail(request.argument, state.envelope.dsn);
    state.dsn_bytes = mail::dsn_text(state.envelope.dsn).size();
  }
  return reply_with("250 ok", "2.1.0");
}

// Keeps what the client wants to be told of a recipient, which is in the envelope as `address`.
// Returns false if there is no room for it: the client then sends the rest with another copy.
bool keep_dsn(SmtpState& state, std::string_view argument, std::string address) {
  mail::DsnRecipient dsn;
  if (!state.extensions.dsn || !take_dsn_of_rcpt(argument, state.envelope.utf8, dsn) ||
      !dsn.says_something()) {
    return true;
  }
  dsn.address = std::move(address);
  const std::size_t size = mail::dsn_size(dsn);
  if (state.dsn_bytes + size > mail::kDsnTextMax) {
    return false;
  }
  state.dsn_bytes += size;
  state.envelope.dsn.recipients.push_back(std::move(dsn));
  return true;
}

SmtpStep rcpt_to(SmtpState& state, SmtpRequest& request, Answers /*answers*/) {
  const std::string address =
      base::concat({request.address, state.relay_suffix().value_or("")});
  if (!keep_dsn(state, request.argument, address)) {
    return refuse(RefusalKind::too_many_recipients);
  }
  state.envelope.recipients.append(address);
  state.envelope.recipients.push_back('\0');
  ++state.envelope.recipient_count;
  return reply_with("250 ok", "2.1.5");
}

SmtpStep data(SmtpState& /*state*/, SmtpRequest& /*request*/, Answers /*answers*/) {
  return {.action = SmtpAction::open_queue};
}

SmtpStep finish(SmtpState& /*state*/, SmtpRequest& /*request*/, Answers /*answers*/) {
  return {.action = SmtpAction::finish_queue};
}

SmtpStep rset(SmtpState& state, SmtpRequest& /*request*/, Answers /*answers*/) {
  state.forget_transaction();
  return smtp_reply("250 flushed");
}

SmtpStep noop(SmtpState& /*state*/, SmtpRequest& /*request*/, Answers /*answers*/) {
  return smtp_reply("250 ok");
}

SmtpStep vrfy(SmtpState& /*state*/, SmtpRequest& /*request*/, Answers /*answers*/) {
  return smtp_reply("252 send some mail, i'll try my best");
}

SmtpStep help(SmtpState& /*state*/, SmtpRequest& /*request*/, Answers /*answers*/) {
  return smtp_reply(help_text());
}

SmtpStep quit(SmtpState& state, SmtpRequest& /*request*/, Answers /*answers*/) {
  SmtpStep step = smtp_reply(base::concat({"221 ", state.greeting}));
  step.action = SmtpAction::quit;
  return step;
}

// TLS would forget a transaction and a login, which no client can want.
SmtpStep starttls(SmtpState& state, SmtpRequest& /*request*/, Answers /*answers*/) {
  if (state.in_transaction) {
    return refuse(RefusalKind::no_tls_in_transaction);
  }
  if (state.auth.identity()) {
    return refuse(RefusalKind::no_tls_after_login);
  }
  return {.action = SmtpAction::start_tls};
}

SmtpStep auth(SmtpState& state, SmtpRequest& request, Answers answers) {
  const auto choice = state.auth.choose(request.argument, state.security.has_value());
  if (const auto* refused = std::get_if<RefusalKind>(&choice)) {
    return refuse(*refused);
  }
  if (state.in_transaction) {
    return refuse(RefusalKind::no_login_in_transaction);
  }
  const auto mechanism = *std::get_if<SaslMechanism>(&choice);
  std::string_view word;
  if (mechanism == SaslMechanism::cram_md5) {
    if (answers.empty()) {
      return ask({.about = Question::About::random_word});
    }
    if (!answers.front()) {
      return refuse(RefusalKind::no_random_word);
    }
    word = answers.front()->word;
  }
  return login_step(state.auth.begin(mechanism, request.argument, word));
}

SmtpStep unknown(SmtpState& state, SmtpRequest& request, Answers /*answers*/) {
  if (is_http_request(request.line)) {
    return refuse(RefusalKind::http_request);
  }
  if (++state.unknown_in_a_row >= kUnknownCommandsMax) {
    return refuse(RefusalKind::too_many_unknown_commands);
  }
  return refuse(RefusalKind::unknown_command);
}

// The reply to HELP has the names in this order.
constexpr SmtpVerb kVerbs[] = {
    {.name = "HELO", .phase = Phase::hello, .effect = helo},
    {.name = "EHLO", .phase = Phase::hello, .effect = ehlo},
    {.name = "MAIL", .check = mail_check, .phase = Phase::mail, .effect = mail_from},
    {.name = "RCPT",
     .needs = Needs::mail,
     .check = rcpt_check,
     .phase = Phase::rcpt,
     .effect = rcpt_to},
    {.name = "DATA", .needs = Needs::recipient, .phase = Phase::data, .effect = data},
    {.name = "RSET", .effect = rset},
    {.name = "NOOP", .effect = noop},
    {.name = "VRFY", .effect = vrfy},
    {.name = "HELP", .effect = help},
    {.name = "QUIT", .effect = quit},
    {.name = "STARTTLS",
     .in_help = false,
     .offered = starttls_is_offered,
     .check = no_argument,
     .effect = starttls},
    {.name = "AUTH",
     .in_help = false,
     .offered = auth_is_offered,
     .check = login_line_fits,
     .phase = Phase::auth,
     .effect = auth},
};

constexpr SmtpVerb kUnknown = {.name = "", .in_help = false, .effect = unknown};
constexpr SmtpVerb kStart = {
    .name = "", .in_help = false, .phase = Phase::connect, .effect = greet};
constexpr SmtpVerb kEndOfData = {
    .name = "", .in_help = false, .phase = Phase::end_of_data, .effect = finish};

std::string help_text() {
  std::string text = "214";
  for (const SmtpVerb& verb : kVerbs) {
    if (verb.in_help) {
      text += base::concat({" ", verb.name});
    }
  }
  return text + ", see qmail-smtpd(8)";
}

}  // namespace

const SmtpVerb& find_smtp_verb(std::string_view word) {
  for (const SmtpVerb& verb : kVerbs) {
    if (base::equal_ci(word, verb.name)) {
      return verb;
    }
  }
  return kUnknown;
}

const SmtpVerb& unknown_command() {
  return kUnknown;
}

const SmtpVerb& session_start() {
  return kStart;
}

const SmtpVerb& end_of_data() {
  return kEndOfData;
}

SmtpStep login_step(SmtpAuthStep step) {
  if (step.prompt) {
    return smtp_reply(base::concat({"334 ", *step.prompt}));
  }
  if (step.refusal) {
    return refuse(*step.refusal);
  }
  return {.action = SmtpAction::check_user, .credentials = std::move(step.check)};
}

SmtpStep smtp_reply(std::string_view line) {
  return {.reply = base::concat({line, "\r\n"})};
}

SmtpStep smtp_refuse(const Refusal& refusal) {
  return {.reply = smtp_reply_line(refusal),
          .action = refusal.ends_session ? SmtpAction::hang_up : SmtpAction::none};
}

}  // namespace reqmail::proto
