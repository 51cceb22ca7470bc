#include "smtpd/smtp_session.h"

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <utility>

#include "base/ascii.h"
#include "base/text.h"
#include "listen/auth_log.h"
#include "listen/tls_log.h"
#include "proto/smtp_data_reader.h"
#include "smtpd/login.h"
#include "smtpd/queue_time.h"
#include "sys/clock.h"
#include "sys/secrets.h"

namespace reqmail::smtpd {

namespace {

constexpr std::string_view kProgram = "qmail-smtpd";
constexpr int kExitQuit = 0;
constexpr int kExitHungUp = 1;
// Of a client that may have had its time already.
constexpr base::Seconds kLastReplies{60};

// What the machine goes by: the files, and what holds for this connection.
proto::SmtpServerSettings server_settings(const SmtpdFiles& files,
                                          const SmtpdEnvironment& environment,
                                          proto::SmtpAuthPolicy auth) {
  proto::SmtpServerSettings settings;
  settings.greeting = files.greeting;
  settings.own_host = files.own_host;
  settings.databytes = environment.client.databytes.value_or(files.databytes);
  settings.max_recipients = files.max_recipients;
  settings.bad_senders = files.bad_senders;
  settings.relay_suffix = environment.client.relay_suffix;
  settings.auth = std::move(auth);
  settings.tls_required = environment.tls_required;
  return settings;
}

}  // namespace

SmtpSession::SmtpSession(const SmtpdFiles& files, SmtpdEnvironment environment,
                         SmtpdLogin login, sys::Reader& input, sys::Writer& output,
                         SmtpTls& tls, const sys::LeastRate& rate)
    : files_(files),
      peer_(std::move(environment.client.peer)),
      checker_(std::move(login.checker)),
      data_rate_(rate),
      log_(files.log, std::move(environment.ends)),
      server_(server_settings(files, environment, std::move(login.policy)), *this),
      input_(input),
      output_(output),
      tls_(tls) {}

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
  if (where == SmtpBegin::tls) {
    // Nothing is said in clear: a client that expects TLS would not understand it.
    if (auto ready = tls_.prepare(server_); !ready) {
      listen::log_tls(kProgram, ready.error().text);
      return Next::hang_up;
    }
    if (const Next next = secure(); next != Next::go_on) {
      return next;
    }
  }
  // Errors of writing stay in the Writer and come up at the next flush.
  (void)output_.put(server_.greeting());
  return Next::go_on;
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
  proto::SmtpStep step = server_.handle(line_);
  if (secret) {
    sys::wipe(line_);
    input_.wipe_consumed();
  }
  log_.refused(server_, server_.sender(), step);
  return carry_out(std::move(step));
}

SmtpSession::Next SmtpSession::carry_out(proto::SmtpStep step) {
  (void)output_.put(step.reply);
  switch (step.action) {
  case proto::SmtpAction::none:
    break;
  case proto::SmtpAction::open_queue:
    return receive_message();
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

// What the client sent behind STARTTLS is forgotten: it may come from somebody else.
SmtpSession::Next SmtpSession::start_tls() {
  if (!output_.flush()) {
    return Next::hang_up;
  }
  if (auto ready = tls_.prepare(server_); !ready) {
    listen::log_tls(kProgram, ready.error().text);
    return carry_out(proto::SmtpServer::tls_refused(ready.error()));
  }
  input_.discard_buffered();
  sys::drain(input_.connection().input());
  (void)output_.put(proto::SmtpServer::tls_ready().reply);
  return output_.flush() ? secure() : Next::hang_up;
}

SmtpSession::Next SmtpSession::secure() {
  auto security = tls_.handshake(input_, output_);
  if (!security) {
    listen::log_tls(kProgram, listen::handshake_failed(security.error()));
    return Next::hang_up;
  }
  server_.secured(std::move(*security));
  return Next::go_on;
}

SmtpSession::Next SmtpSession::check_user(proto::SmtpStep& step) {
  proto::SaslCredentials& credentials = *step.credentials;
  // Replies to what came before do not wait for the checker.
  if (!output_.flush()) {
    sys::wipe(credentials.secret);
    return Next::hang_up;
  }
  const proto::AuthVerdict verdict = judge_login(checker_, credentials, files_.timeout);
  sys::wipe(credentials.secret);
  proto::SmtpStep answer = server_.checked(credentials, verdict);
  if (verdict == proto::AuthVerdict::accepted) {
    peer_.remote_info = listen::shown_user(credentials.user);
  }
  return carry_out(std::move(answer));
}

// With what the client has proved.
Result<submit::Injector> SmtpSession::start_queue() const {
  const bool proved =
      server_.auth().identity() || (server_.security() && server_.security()->client);
  return proved ? submit::Injector::start(relaying_environment(server_.auth().identity()))
                : submit::Injector::start();
}

SmtpSession::Next SmtpSession::receive_message() {
  const proto::SmtpTransaction transaction = server_.take_transaction();
  auto queue = start_queue();
  (void)output_.put(proto::SmtpServer::queue_opened(queue.has_value()).reply);
  if (!queue) {
    return Next::go_on;
  }
  proto::SmtpOutcome outcome;
  std::uint64_t size = 0;
  if (const Next next = transfer(*queue, outcome, size); next != Next::go_on) {
    return next;
  }
  queue->sender(transaction.sender);
  std::string_view rest = transaction.recipients;
  while (!rest.empty()) {
    const std::size_t end = rest.find('\0');
    queue->recipient(rest.substr(0, end));
    rest.remove_prefix(end + 1);
  }
  outcome.process = static_cast<std::uint64_t>(queue->pid());
  outcome.queued = queue->finish();
  outcome.time = sys::now();
  const std::string reply = proto::SmtpServer::answer(outcome);
  log_.ended(server_, transaction, outcome, reply, size);
  (void)output_.put(reply);
  return Next::go_on;
}

// Everything up to the final dot. A message that is refused for its size or its hops is read to
// its end, but the queue program gets no more of it.
SmtpSession::Next SmtpSession::transfer(submit::Injector& queue, proto::SmtpOutcome& outcome,
                                        std::uint64_t& size) {
  queue.message(
      mail::network_received(peer_, server_.helo(), server_.received_protocol(), sys::now()));
  proto::SmtpDataReader data;
  proto::HopCounter hops;
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
    size += block.size();
    hops.feed(block);
    outcome.too_many_hops = hops.too_many();
    outcome.too_large = server_.databytes() > 0 && size > server_.databytes();
    if (outcome.too_many_hops || outcome.too_large) {
      queue.give_up();
    } else {
      const QueueTime time(patience_, data_rate_);
      queue.message(block);
    }
  }
  if (data.state() == proto::SmtpDataState::refused) {
    return carry_out(proto::SmtpServer::bare_line_feed());
  }
  return Next::go_on;
}

SmtpSession::Next SmtpSession::lost_input(const Failure& failure) {
  if (failure.error == ETIMEDOUT) {
    return carry_out(proto::SmtpServer::timed_out());
  }
  return Next::hang_up;
}

bool SmtpSession::offers_tls() {
  return tls_.offered();
}

Result<std::string> SmtpSession::random_word() {
  constexpr std::size_t kRandomBytes = 16;
  constexpr std::string_view kDigits = "0123456789abcdef";
  auto bytes = sys::random_bytes(kRandomBytes);
  if (!bytes) {
    return bytes.error();
  }
  std::string word;
  for (const char c : *bytes) {
    const auto byte = static_cast<unsigned char>(c);
    word.push_back(kDigits[byte >> 4U]);
    word.push_back(kDigits[byte & 15U]);
  }
  return word;
}

// The interfaces are looked at only when a client names a host by address.
Result<bool> SmtpSession::owns(const proto::Ipv4Octets& address) {
  if (!own_addresses_) {
    auto found = net::LocalAddresses::of_this_host();
    if (!found) {
      return temporary("unable to figure out my IP addresses (#4.3.0)", found.error().error);
    }
    own_addresses_ = std::move(*found);
  }
  return own_addresses_->contains(base::IpAddress(address));
}

Result<bool> SmtpSession::accepts(std::string_view domain) {
  auto listed = files_.rcpthosts.accepts(domain);
  if (!listed) {
    return smtpd_controls_unreadable();
  }
  return listed;
}

}  // namespace reqmail::smtpd
