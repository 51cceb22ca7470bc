#include "smtpd/smtp_session.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <utility>

#include "base/ascii.h"
#include "base/terminal_text.h"
#include "base/text.h"
#include "base/wipe.h"
#include "listen/auth_log.h"
#include "listen/tls_log.h"
#include "mail/verdict_codec.h"
#include "proto/enhanced_reply.h"
#include "proto/smtp_data_reader.h"
#include "smtpd/login.h"
#include "smtpd/session_settings.h"
#include "sys/clock.h"
#include "sys/descriptor_io.h"

namespace reqmail::smtpd {

namespace {

constexpr std::string_view kProgram = "qmail-smtpd";
constexpr int kExitQuit = 0;
constexpr int kExitHungUp = 1;

// The last replies go to a client that may have used up its time already, so it gets this much
// more at most.
constexpr base::Seconds kLastReplies{60};

proto::SmtpServerSettings with_filters(proto::SmtpServerSettings settings,
                                       const SessionFilters& filters) {
  filters.set(settings.policy);
  return settings;
}

}  // namespace

SmtpSession::SmtpSession(const SmtpdFiles& files, SmtpdEnvironment&& environment,
                         SmtpdLogin login, SenderChecks& checks, sys::Reader& input,
                         sys::Writer& output, tls::StartTls& tls, const sys::LeastRate& rate)
    : files_(files),
      outside_(files.rcpthosts, files.own_host.addresses),
      sender_checks_(checks),
      peer_(environment.client.peer),
      checker_(std::move(login.checker)),
      greet_delay_(environment.greet_delay),
      sources_(files.recipients, environment.recipients, files.timeout, faults_),
      filters_(filter_lines(files, environment, faults_), filter_peer(files, environment)),
      checks_{&filters_.milters(), &filters_.policy_services()},
      data_rate_(rate),
      log_(files.log, environment.ends),
      server_(
          with_filters(server_settings(files, environment, std::move(login.policy),
                                       sender_checks_.settings(), sources_.settings(), faults_),
                       filters_)),
      input_(input),
      output_(output),
      tls_(kProgram, tls, input, output) {}

void SmtpSession::resume(StarttlsState state) {
  server_.resume(std::move(state.helo), state.refused_logins);
}

int SmtpSession::run(SmtpBegin where) {
  input_.before_read([this]() { return output_.flush(); });
  input_.limit_by(patience_);
  output_.limit_by(patience_);
  Next next = begin(where);
  while (next == Next::go_on) {
    next = command();
  }
  patience_.within(std::min(files_.timeout, kLastReplies));
  const bool flushed = output_.flush().has_value();
  tls_.close();
  return next == Next::quit && flushed ? kExitQuit : kExitHungUp;
}

SmtpSession::Next SmtpSession::begin(SmtpBegin where) {
  if (where == SmtpBegin::starttls) {
    return start_tls();
  }
  log_lines(faults_);
  if (where == SmtpBegin::tls) {
    implicit_tls_ = true;
    // No reply is sent in clear: a client that expects TLS would not understand it.
    if (auto ready = tls_.prepare(tls_request()); !ready) {
      listen::log_tls(kProgram, ready.error().text);
      return Next::hang_up;
    }
    if (!tls_.secure(tls_request())) {
      return Next::hang_up;
    }
    secured();
  } else if (greet_delay_.time > base::Seconds(0)) {
    if (const Next next = delay_greeting(); next != Next::go_on) {
      return next;
    }
  }
  return carry_out(settle(server_.greet()));
}

// A proper client sends nothing before the greeting, but programs that only want to get rid of
// their mail do.
SmtpSession::Next SmtpSession::delay_greeting() {
  const auto end = sys::monotonic() + greet_delay_.time;
  if (!sys::wait_readable(input_.connection().input(), greet_delay_.time)) {
    return Next::go_on;
  }
  const auto early = input_.peek();
  if (!early || early->empty()) {
    return Next::hang_up;
  }
  log_lines({base::concat({"GREETDELAY from ", base::peer_text(peer_.remote_ip),
                           ": client sent data before greeting"})});
  if (greet_delay_.drops_early_talkers) {
    proto::SmtpStep step = proto::SmtpServer::early_talker();
    log_.write(server_, step);
    return carry_out(std::move(step));
  }
  sys::pause_for(std::max(end - sys::monotonic(), std::chrono::milliseconds(0)));
  return Next::go_on;
}

// Sends the earlier replies and then waits. Returns whether the client is still connected.
bool SmtpSession::delay_reply(base::Seconds time) {
  if (time == base::Seconds(0)) {
    return true;
  }
  if (!output_.flush()) {
    return false;
  }
  sys::pause_for(time);
  patience_.within(files_.timeout);
  return true;
}

SmtpSession::Next SmtpSession::command() {
  line_.clear();
  patience_.within(files_.timeout);
  auto end = input_.get_line(line_, server_.line_limit());
  if (!end) {
    return lost_input(end.error());
  }
  switch (*end) {
  case sys::LineEnd::line:
    return handle_line();
  case sys::LineEnd::too_long:
    return carry_out(server_.line_too_long());
  case sys::LineEnd::end_of_file:
    break;
  }
  return Next::hang_up;
}

SmtpSession::Next SmtpSession::handle_line() {
  constexpr std::string_view kAuth = "auth";
  const bool secret = server_.auth().in_exchange() ||
                      (server_.auth().policy().known && base::starts_with_ci(line_, kAuth));
  proto::SmtpStep step = settle(server_.handle(line_));
  if (secret) {
    base::wipe(line_);
    input_.wipe_consumed();
  }
  log_.write(server_, step);
  if (!server_.in_transaction()) {
    filters_.milters().end_transaction();
  }
  return carry_out(std::move(step));
}

// Answers the questions of the state machine until its step is something else.
proto::SmtpStep SmtpSession::settle(proto::SmtpStep step) {
  while (step.action == proto::SmtpAction::ask) {
    step = server_.answer(answer(*step.question));
  }
  return step;
}

Result<proto::Answer> SmtpSession::answer(const proto::Question& question) {
  if (question.about == proto::Question::About::tls_offered) {
    return proto::Answer{.yes = tls_.offered()};
  }
  if (question.about == proto::Question::About::sender) {
    return proto::Answer{.sender = sender_checks_.answer(question)};
  }
  if (SessionFilters::answers(question)) {
    return filters_answer(question);
  }
  if (question.about == proto::Question::About::recipient) {
    return sources_.know(question);
  }
  if (question.about == proto::Question::About::checker) {
    sys::Environment variables = sys::Environment::current();
    if (server_.client_is_proved()) {
      set_relaying_variables(variables, server_.auth().identity());
    }
    return sources_.check(question, std::move(variables));
  }
  return outside_.answer(question);
}

// The replies to earlier commands are sent before filters are asked, which may take long. The
// next flush reports an error.
proto::Answer SmtpSession::filters_answer(const proto::Question& question) {
  (void)output_.flush().has_value();
  return {.refusal = filters_.answer(question, server_)};
}

std::string SmtpSession::reply_of(const proto::SmtpStep& step) const {
  return files_.extensions.enhanced_status_codes && !step.status.empty()
             ? proto::enhanced_reply(step.reply, step.status)
             : step.reply;
}

SmtpSession::Next SmtpSession::carry_out(proto::SmtpStep step) {
  log_lines(step.log);
  if (!delay_reply(step.delay)) {
    return Next::hang_up;
  }
  // The Writer keeps a write error and returns it at the next flush.
  (void)output_.put(reply_of(step));
  switch (step.action) {
  case proto::SmtpAction::none:
  case proto::SmtpAction::ask:      // settle() has answered it
  case proto::SmtpAction::receive:  // open_queue() carries these two out
  case proto::SmtpAction::finish_queue:
    break;
  case proto::SmtpAction::open_queue:
    return open_queue();
  case proto::SmtpAction::start_tls:
    return start_tls();
  case proto::SmtpAction::check_user:
    return check_user(step);
  case proto::SmtpAction::quit:
    return Next::quit;
  case proto::SmtpAction::hang_up:
    return Next::hang_up;
  }
  return Next::go_on;
}

tls::TlsRequest SmtpSession::tls_request() const {
  tls::TlsRequest request;
  // Unless a login is required, a client that cannot use TLS would fall back to clear text.
  request.opportunistic = !implicit_tls_ && !server_.auth().policy().required;
  request.state = [this]() {
    return encode_starttls_state({server_.helo(), server_.auth().failures()});
  };
  return request;
}

SmtpSession::Next SmtpSession::start_tls() {
  switch (tls_.answer(tls_request(),
                      {reply_of(proto::SmtpServer::tls_ready()), [this](const Failure& why) {
                         return reply_of(proto::SmtpServer::tls_refused(why));
                       }})) {
  case listen::SessionTls::Answer::secured:
    secured();
    return Next::go_on;
  case listen::SessionTls::Answer::refused:
    return Next::go_on;
  case listen::SessionTls::Answer::lost:
    break;
  }
  return Next::hang_up;
}

void SmtpSession::secured() {
  const tls::TlsOutcome& outcome = tls_.outcome();
  proto::SmtpSecurity security;
  if (outcome.connection) {
    security.cipher = outcome.connection->tls()->cipher;
    security.version = outcome.version;
  }
  security.implicit = implicit_tls_;
  security.client = outcome.client;
  security.client_verify_error = outcome.verify_error;
  server_.secured(std::move(security));
  filters_.milters().forget_session();
}

SmtpSession::Next SmtpSession::check_user(proto::SmtpStep& step) {
  proto::SaslCredentials& credentials = *step.credentials;
  // The replies to earlier commands are sent before the checker runs, which may take long.
  if (!output_.flush()) {
    base::wipe(credentials.secret);
    return Next::hang_up;
  }
  const mail::LoginVerdict verdict = judge_login(checker_, credentials, files_.timeout);
  base::wipe(credentials.secret);
  proto::SmtpStep answer = server_.checked(credentials, verdict);
  if (verdict == mail::LoginVerdict::accepted) {
    peer_.remote_info = listen::shown_user(credentials.user);
  }
  return carry_out(std::move(answer));
}

// The environment of the queue program tells it what the client has proved, and what the DNS
// says about client and sender.
Result<submit::Injector> SmtpSession::start_queue() const {
  sys::Environment environment = sys::Environment::current();
  if (server_.client_is_proved()) {
    set_relaying_variables(environment, server_.auth().identity());
  }
  if (!server_.relays()) {
    sender_checks_.set_variables(environment);
  }
  if (files_.extensions.dsn) {
    set_dsn_variable(environment, server_.envelope().dsn);
  }
  return submit::Injector::start(environment.strings());
}

std::string SmtpSession::received() const {
  const auto& identity = server_.auth().identity();
  const std::string protocol = server_.received_protocol();
  if (files_.hide_client && identity) {
    return mail::hidden_client_received(listen::shown_user(identity->user), peer_.local_host,
                                        protocol, sys::now());
  }
  return mail::network_received(peer_, server_.helo(), protocol, sys::now());
}

std::string SmtpSession::trace() const {
  return server_.relays() ? received() : received() + sender_checks_.fields();
}

SmtpSession::Next SmtpSession::open_queue() {
  if (MessageChecks checks(checks_, server_); checks.want_it_held()) {
    return hold_message(checks);
  }
  auto queue = start_queue();
  if (!queue) {
    return carry_out(server_.queue_opened(std::nullopt));
  }
  const auto process = static_cast<std::uint64_t>(queue->pid());
  (void)output_.put(reply_of(server_.queue_opened(process)));
  MessageWay way(std::move(*queue), MessageWay::Hops::counted, server_.databytes(), patience_,
                 data_rate_);
  way.trace(trace());
  way.fields_on_top(filters_.policy_services().fields());
  return receive_message(way);
}

// The queue program has ended before the client gets its reply, whether the message is accepted
// or refused.
SmtpSession::Next SmtpSession::receive_message(MessageWay& way) {
  if (const Next next = transfer(way.meter()); next != Next::go_on) {
    return next;
  }
  proto::SmtpStep step = settle(server_.end_of_data(way.facts()));
  if (step.action == proto::SmtpAction::finish_queue) {
    step = finish_queue(way.queue(), server_.envelope());
  } else {
    way.queue().give_up();
    (void)way.queue().finish().has_value();
  }
  log_.write(server_, step);
  return carry_out(std::move(step));
}

// The queue program starts when it has been decided what is done with the message.
SmtpSession::Next SmtpSession::hold_message(MessageChecks& checks) {
  HeldMessage message;
  HeldSink end(message, checks.observers(), patience_, data_rate_);
  MessageMeter meter(MessageMeter::Hops::counted, server_.databytes(), end);
  (void)output_.put(reply_of(proto::SmtpServer::message_awaited()));
  if (const Next next = transfer(meter); next != Next::go_on) {
    return next;
  }
  message.end();
  proto::MessageFindings facts = meter.facts();
  facts.is_lost = !message.is_whole();
  proto::SmtpStep step = settle(server_.end_of_data(facts));
  if (step.action == proto::SmtpAction::finish_queue) {
    step = judge_held(message, checks);
  }
  log_.write(server_, step);
  return carry_out(std::move(step));
}

proto::SmtpStep SmtpSession::judge_held(HeldMessage& message, MessageChecks& checks) {
  proto::SmtpEnvelope envelope = server_.envelope();
  const MessageVerdict verdict = checks.judge(message, envelope);
  if (verdict.refusal) {
    return server_.refused(*verdict.refusal);
  }
  if (verdict.discarded || envelope.recipients.empty()) {
    return server_.discarded();
  }
  if (!message.is_whole()) {
    return server_.refused(proto::refusal(proto::RefusalKind::not_held));
  }
  proto::SmtpStep step = queue_held(message, envelope);
  step.event->findings = verdict.findings;
  return step;
}

proto::SmtpStep SmtpSession::queue_held(const HeldMessage& message,
                                        const proto::SmtpEnvelope& envelope) {
  auto queue = start_queue();
  if (!queue) {
    return server_.refused(proto::refusal(proto::RefusalKind::no_queue));
  }
  server_.queue_started(static_cast<std::uint64_t>(queue->pid()));
  queue->message(trace());
  const auto read = message.each([&queue](std::string_view piece) { queue->message(piece); });
  if (!read) {
    queue->give_up();
    (void)queue->finish().has_value();
    return server_.refused(proto::refusal(proto::RefusalKind::not_held));
  }
  return finish_queue(*queue, envelope);
}

// Transfers everything up to the final dot. A message that was given up is still read to its
// end.
SmtpSession::Next SmtpSession::transfer(MessageMeter& way) {
  proto::SmtpDataReader data;
  std::string block;
  patience_.at_least(data_rate_);
  while (data.state() == proto::SmtpDataState::more) {
    auto bytes = input_.peek();
    if (!bytes) {
      return lost_input(bytes.error());
    }
    if (bytes->empty()) {
      return Next::hang_up;
    }
    block.clear();
    input_.consume(data.feed(*bytes, block));
    way.take(block);
  }
  if (data.state() == proto::SmtpDataState::refused) {
    return carry_out(proto::SmtpServer::bare_line_feed());
  }
  return Next::go_on;
}

proto::SmtpStep SmtpSession::finish_queue(submit::Injector& queue,
                                          const proto::SmtpEnvelope& envelope) {
  queue.sender(envelope.sender);
  std::string_view rest = envelope.recipients;
  while (!rest.empty()) {
    const std::size_t end = rest.find('\0');
    queue.recipient(rest.substr(0, end));
    rest.remove_prefix(end + 1);
  }
  proto::QueueOutcome outcome;
  outcome.queued = queue.finish();
  outcome.time = sys::now();
  return server_.queued(outcome);
}

SmtpSession::Next SmtpSession::lost_input(const Failure& failure) {
  if (failure.error == ETIMEDOUT) {
    return carry_out(proto::SmtpServer::timed_out());
  }
  return Next::hang_up;
}

}  // namespace reqmail::smtpd
