#include "proto/smtp_server.h"

#include <utility>

#include "base/number.h"
#include "base/text.h"
#include "mail/received.h"
#include "mail/verdict_codec.h"

namespace reqmail::proto {

namespace {

// The names of the protocol for messages with SMTPUTF8 (RFC 6531 section 4.3).
std::string utf8_or(bool utf8, std::string_view protocol) {
  if (!utf8) {
    return std::string(protocol);
  }
  protocol.remove_prefix(protocol.front() == 'E' ? 1 : 0);
  return base::concat({"UTF8", protocol});
}

}  // namespace

SmtpStep SmtpServer::greet() {
  return begin(session_start(), {});
}

SmtpStep SmtpServer::handle(std::string_view line) {
  if (line.ends_with('\r')) {
    line.remove_suffix(1);
  }
  if (state_.auth.in_exchange()) {
    return login_step(state_.auth.answer(line));
  }
  if (line.find('\0') != std::string_view::npos) {
    return smtp_refuse(refusal(RefusalKind::malformed));
  }
  const SmtpCommand command = parse_smtp_command(line);
  return begin(find_smtp_verb(command.word), {line, command.argument});
}

SmtpStep SmtpServer::begin(const SmtpVerb& verb, SmtpRequest request) {
  verb_ = &verb;
  request_ = std::move(request);
  stage_ = Stage::offered;
  answers_.clear();
  return go_on();
}

std::optional<RefusalKind> SmtpServer::out_of_order() const {
  if (verb_->needs != SmtpVerb::Needs::nothing && !state_.in_transaction) {
    return RefusalKind::mail_first;
  }
  if (verb_->needs == SmtpVerb::Needs::recipient && state_.envelope.recipient_count == 0) {
    return RefusalKind::recipient_first;
  }
  return std::nullopt;
}

SmtpStep SmtpServer::answer(Result<Answer> answer) {
  answers_.push_back(std::move(answer));
  return go_on();
}

// Adds the parts of every reply to a step: the log lines of the policy, and the delay for
// clients with many recipients.
SmtpStep SmtpServer::go_on() {
  SmtpStep step = go_through();
  if (step.action == SmtpAction::ask) {
    return step;
  }
  step.log = state_.policy.take_log();
  if (verb_->phase != PolicyPhase::rcpt || !state_.in_transaction) {
    return step;
  }
  ++state_.recipients_named;
  if (state_.tarpit.count > 0 && state_.recipients_named > state_.tarpit.count) {
    step.delay = state_.tarpit.delay;
  }
  return step;
}

// Goes through the stages until one of them refuses or asks a question; the last stage is the
// effect.
SmtpStep SmtpServer::go_through() {
  while (stage_ != Stage::effect) {
    Ruling ruling = judge();
    if (auto* question = std::get_if<Question>(&ruling)) {
      return {.action = SmtpAction::ask, .question = std::move(*question)};
    }
    if (const auto* refused = std::get_if<Refusal>(&ruling)) {
      return stage_ == Stage::offered ? begin(unknown_command(), request_) : refuse(*refused);
    }
    if (stage_ == Stage::offered && verb_ != &unknown_command()) {
      state_.unknown_in_a_row = 0;
    }
    stage_ = static_cast<Stage>(static_cast<int>(stage_) + 1);
    answers_.clear();
  }
  return verb_->effect(state_, request_, answers_);
}

Ruling SmtpServer::judge() {
  if (stage_ == Stage::offered) {
    return verb_->offered == nullptr ? Accepted() : verb_->offered(state_, answers_);
  }
  if (stage_ == Stage::order) {
    const auto kind = out_of_order();
    return kind ? Ruling(refusal(*kind)) : Ruling(Accepted());
  }
  if (stage_ == Stage::check) {
    return verb_->check == nullptr ? Accepted() : verb_->check(state_, request_, answers_);
  }
  if (!verb_->phase) {
    return Accepted();
  }
  if (answers_.empty()) {
    return state_.policy.judge(*verb_->phase, facts());
  }
  // The policy itself keeps the answers to its questions, so it gets only the last one.
  Result<Answer> last = std::move(answers_.back());
  answers_.clear();
  return state_.policy.answer(std::move(last), facts());
}

// Returns the facts of the state together with those of the command being handled.
PolicyFacts SmtpServer::facts() const {
  PolicyFacts facts = state_.facts();
  switch (*verb_->phase) {
  case PolicyPhase::hello:
    facts.helo = request_.argument.substr(0, kHeloMax);
    break;
  case PolicyPhase::mail:
    facts.sender = request_.compared;
    facts.announced_size = announced_size(request_.argument);
    facts.parameters = smtp_parameters(request_.argument);
    break;
  case PolicyPhase::rcpt:
    facts.recipient = request_.compared;
    facts.parameters = smtp_parameters(request_.argument);
    break;
  case PolicyPhase::end_of_data:
    facts.too_many_hops = request_.too_many_hops;
    facts.message_size = request_.message_size;
    facts.message_is_lost = request_.message_is_lost;
    break;
  case PolicyPhase::connect:
  case PolicyPhase::auth:
  case PolicyPhase::data:
    break;
  }
  return facts;
}

// The step has an event for the log if the refusal concerns a sender, a recipient or a message.
SmtpStep SmtpServer::refuse(const Refusal& refusal) {
  SmtpStep step = smtp_refuse(refusal);
  if (verb_->phase == PolicyPhase::connect || verb_->phase == PolicyPhase::hello) {
    step.status = {};
  }
  if (refusal.bad_recipient) {
    ++state_.bad_recipients;
  }
  if (verb_->phase == PolicyPhase::end_of_data) {
    return end_transaction(std::move(step), refusal.reason);
  }
  if (refusal.reason.empty()) {
    return step;
  }
  if (verb_->phase == PolicyPhase::mail) {
    step.event = SmtpEvent{.reason = refusal.reason, .sender = request_.address};
  } else if (verb_->phase == PolicyPhase::rcpt) {
    step.event = SmtpEvent{.reason = refusal.reason,
                           .sender = state_.envelope.sender,
                           .recipients = request_.address + '\0'};
  } else if (verb_->phase == PolicyPhase::data) {
    step.event = SmtpEvent{.reason = refusal.reason,
                           .sender = state_.envelope.sender,
                           .recipients = state_.envelope.recipients};
  }
  return step;
}

SmtpStep SmtpServer::end_transaction(SmtpStep step, std::string_view reason) {
  step.event = SmtpEvent{.reason = reason,
                         .at_end_of_data = true,
                         .sender = std::move(state_.envelope.sender),
                         .recipients = std::move(state_.envelope.recipients),
                         .size = request_.message_size,
                         .queue_process = state_.queue_process};
  state_.forget_transaction();
  return step;
}

SmtpStep SmtpServer::early_talker() {
  const Refusal refused = refusal(RefusalKind::early_talker);
  SmtpStep step = smtp_refuse(refused);
  // It comes in the place of the greeting.
  step.status = {};
  step.event = SmtpEvent{.reason = refused.reason};
  return step;
}

SmtpStep SmtpServer::tls_ready() {
  return smtp_reply("220 ready for tls");
}

SmtpStep SmtpServer::tls_refused(const Failure& failure) {
  return smtp_reply(base::concat({"454 TLS ", failure.text, " (#4.3.0)"}));
}

void SmtpServer::secured(SmtpSecurity security) {
  state_.forget_transaction();
  state_.auth.forget();
  state_.helo.reset();
  state_.speaks_esmtp = false;
  state_.unknown_in_a_row = 0;
  state_.security = std::move(security);
}

void SmtpServer::resume(std::optional<std::string> helo, unsigned refused_logins) {
  state_.helo = std::move(helo);
  state_.auth.set_failures(refused_logins);
}

SmtpStep SmtpServer::checked(const SaslCredentials& credentials, mail::LoginVerdict verdict) {
  const auto refused = state_.auth.checked(credentials, verdict);
  if (!refused) {
    return smtp_reply("235 ok, go ahead (#2.0.0)");
  }
  SmtpStep step = smtp_refuse(refusal(*refused));
  if (state_.auth.too_many_failures()) {
    const SmtpStep end = smtp_refuse(refusal(RefusalKind::too_many_logins));
    step.reply += end.reply;
    step.action = end.action;
  }
  return step;
}

std::size_t SmtpServer::line_limit() const {
  // The line may end in a CR, which does not count.
  return state_.auth.in_exchange() ? kAuthLineMax + 1 : kSmtpCommandMax;
}

bool SmtpServer::client_is_proved() const {
  return state_.auth.identity() || (state_.security && state_.security->client);
}

std::string SmtpServer::received_protocol() const {
  const bool authenticated = state_.auth.identity().has_value();
  const bool utf8 = state_.envelope.utf8;
  const auto& security = state_.security;
  if (!security) {
    return utf8_or(utf8, authenticated ? "ESMTPA" : "SMTP");
  }
  std::string protocol = utf8_or(utf8, authenticated ? "ESMTPSA" : "ESMTPS");
  if (!security->cipher.empty()) {
    protocol += base::concat(
        {" (", security->cipher, " encrypted", authenticated ? ", authenticated)" : ")"});
  }
  if (security->client) {
    protocol += base::concat({"\n  (cert ", mail::received_safe(*security->client), ")"});
  }
  return protocol;
}

SmtpStep SmtpServer::queue_opened(std::optional<std::uint64_t> process) {
  if (!process) {
    state_.forget_transaction();
    return smtp_refuse(refusal(RefusalKind::no_queue));
  }
  state_.queue_process = *process;
  return message_awaited();
}

SmtpStep SmtpServer::message_awaited() {
  SmtpStep step = smtp_reply("354 go ahead");
  step.action = SmtpAction::receive;
  return step;
}

SmtpStep SmtpServer::end_of_data(const MessageFindings& message) {
  SmtpRequest request;
  request.too_many_hops = message.too_many_hops;
  request.message_size = message.size;
  request.message_is_lost = message.is_lost;
  return begin(proto::end_of_data(), std::move(request));
}

SmtpStep SmtpServer::queued(const QueueOutcome& outcome) {
  if (!outcome.queued) {
    const Failure& failure = outcome.queued.error();
    const auto code = static_cast<unsigned>(mail::smtp_code(failure.permanence));
    return end_transaction(smtp_refuse({RefusalKind::no_queue, code, failure.text, {}}),
                           "queue");
  }
  const auto seconds = static_cast<std::uint64_t>(base::to_epoch(outcome.time));
  return end_transaction(smtp_reply(base::concat({"250 ok ", base::decimal(seconds), " qp ",
                                                  base::decimal(state_.queue_process)})),
                         "queued");
}

SmtpStep SmtpServer::refused(const Refusal& refusal) {
  return end_transaction(smtp_refuse(refusal), refusal.reason);
}

SmtpStep SmtpServer::discarded() {
  return end_transaction(smtp_reply("250 ok"), "discarded");
}

SmtpStep SmtpServer::line_too_long() const {
  return smtp_refuse(refusal(state_.auth.in_exchange() ? RefusalKind::login_line_too_long
                                                       : RefusalKind::line_too_long));
}

SmtpStep SmtpServer::timed_out() {
  return smtp_refuse(refusal(RefusalKind::timed_out));
}

SmtpStep SmtpServer::bare_line_feed() {
  return smtp_refuse(refusal(RefusalKind::bare_line_feed));
}

}  // namespace reqmail::proto
