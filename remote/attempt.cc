#include "remote/attempt.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <deque>
#include <memory>
#include <optional>
#include <utility>

#include "net/local_addresses.h"
#include "net/socket_address.h"
#include "net/socket_connection.h"
#include "remote/connection_terms.h"
#include "remote/dialer.h"
#include "remote/kept_connection.h"
#include "remote/leaving.h"
#include "remote/message_facts.h"
#include "remote/policy_server.h"
#include "remote/recipient_report.h"
#include "remote/session.h"
#include "remote/session_settings.h"
#include "remote/session_terms.h"
#include "remote/targets.h"
#include "remote/timed_dns.h"
#include "remote/tls_decision.h"
#include "remote/tls_reporter.h"
#include "sys/clock.h"

namespace reqmail::remote {

namespace {

bool lacks_resources(int error) {
  return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

std::uint64_t seed(pid_t pid) {
  const sys::PreciseTime now = sys::precise_now();
  const auto seconds = static_cast<std::uint64_t>(base::to_epoch(now.seconds));
  return seconds * 1000003 + static_cast<std::uint64_t>(now.microseconds) * 8191 +
         static_cast<std::uint64_t>(pid);
}

Targets::FindLocalAddresses this_host(const AddressSettings& addresses) {
  return [&addresses] { return net::LocalAddresses::of_this_host(addresses.own); };
}

TlsDecision::AskServer policy_server(const TlsSettings& settings) {
  return [&settings](const std::string& domain) {
    return ask_policy_server(settings.server, domain);
  };
}

SessionTerms first_terms(const Settings& settings, const Route& route) {
  SessionTerms terms;
  terms.hello = settings.hello;
  terms.connect_timeout = settings.connect_timeout;
  terms.timeout = settings.timeout;
  terms.end = sys::monotonic() + settings.session;
  terms.shares = route.relay.empty();
  terms.port = route.port;
  terms.login = route.login;
  return terms;
}

class Attempt {
 public:
  Attempt(const Settings& settings, const Leaving& leaving, const Surroundings& surroundings,
          const Route& route)
      : settings_(settings.delivery),
        terms_(first_terms(settings, route)),
        dialer_(leaving.from, terms_.connect_timeout, surroundings.timeouts, surroundings.pid),
        delivery_(leaving.delivery),
        mail_from_(leaving.mail_from),
        signer_({mail_from_, delivery_.recipients, delivery_.message, settings_.signs}),
        surroundings_(surroundings),
        search_end_(end_of_search()),
        timed_dns_(surroundings.dns, search_end_),
        dns_(timed_dns_),
        targets_(dns_, this_host(settings_.addresses), settings_.addresses.versions,
                 delivery_.host, route.relay, seed(surroundings.pid)),
        tls_(settings_.tls, dns_, delivery_.host, terms_.port, policy_server(settings_.tls)),
        reporter_(settings_.tls.reports, delivery_.host),
        keep_(settings.keep) {
    if (surroundings_.kept != nullptr && keep_.messages > 1) {
      kept_terms_ = connection_terms(terms_, delivery_.host, route.relay, leaving.from,
                                     settings_.addresses);
    }
  }

  Attempt(Handover handover, const DeliverySettings& settings, const Leaving& leaving,
          const Surroundings& surroundings)
      : settings_(settings),
        terms_(std::move(handover.terms)),
        dialer_(leaving.from, terms_.connect_timeout, surroundings.timeouts, surroundings.pid),
        delivery_(leaving.delivery),
        mail_from_(leaving.mail_from),
        signer_({mail_from_, delivery_.recipients, delivery_.message, settings_.signs}),
        surroundings_(surroundings),
        search_end_(end_of_search()),
        timed_dns_(surroundings.dns, search_end_),
        dns_(timed_dns_),
        targets_(dns_, this_host(settings_.addresses), settings_.addresses.versions,
                 handover.rest),
        tls_(settings_.tls, dns_, delivery_.host, terms_.port, policy_server(settings_.tls),
             std::move(handover.tls)),
        reporter_(settings_.tls.reports, delivery_.host) {
    if (handover.signer) {
      signer_.take_over(*handover.signer);
    }
    if (handover.stay) {
      keep_ = handover.stay->keep;
      kept_terms_ = std::move(handover.stay->terms);
    }
  }

  Attempt(const Attempt&) = delete;
  Attempt& operator=(const Attempt&) = delete;
  Attempt(Attempt&&) = delete;
  Attempt& operator=(Attempt&&) = delete;

  ~Attempt() {
    if (surroundings_.slots != nullptr) {
      surroundings_.slots->give_back();
    }
  }

  std::string run();

  // The rest of a delivery that another process has begun over this connection.
  std::string resume(const Target& target, sys::Fd socket);

 private:
  [[nodiscard]] base::Seconds time_left() const {
    return std::chrono::duration_cast<base::Seconds>(terms_.end - sys::monotonic());
  }

  [[nodiscard]] bool tls_first() const { return terms_.port == kSmtpsPort; }

  // Whether commands go together to a server that allows it: not for a delivery as qmail-remote
  // has always made it.
  [[nodiscard]] bool pipelines() const {
    return surroundings_.kept != nullptr &&
           (keep_.messages > 1 || delivery_.recipients.size() > 1);
  }

  // What a connection begins with.
  [[nodiscard]] SmtpBegin first_step() const {
    return tls_first() ? SmtpBegin::connected_for_tls : SmtpBegin::connected;
  }

  [[nodiscard]] std::chrono::milliseconds end_of_search() const {
    return std::min(sys::monotonic() + kSearchMax, terms_.end);
  }

  [[nodiscard]] bool has_searched() const { return sys::monotonic() >= search_end_; }

  // Whether the address may have one more connection.
  [[nodiscard]] bool claim(const base::IpAddress& address) const {
    return !terms_.shares || surroundings_.slots == nullptr ||
           surroundings_.slots->claim(address);
  }

  // The report if the connection that the delivery before has left could be used.
  std::optional<std::string> over_kept();
  void begin_sessions();

  // Each: the report if this address took the connection or no other needs to be tried.
  std::optional<std::string> try_address(const Target& target);
  std::optional<std::string> connect(const Target& target);
  std::optional<std::string> wait_for_share();
  std::optional<std::string> talk(const Target& target, const TlsPlan& plan, sys::Fd socket,
                                  SmtpBegin begin);
  // Absent: the server is not to be used.
  std::optional<TlsPlan> plan_for(const Target& target);

  [[nodiscard]] bool may_keep(const Contact& contact) const;
  [[nodiscard]] Request request_for(const Contact& contact, const TlsPlan& plan);
  void keep_if(bool wanted, std::unique_ptr<Contact> contact);
  void note_ends(SessionEnd& end) const;
  SessionEnd session(const Target& target, const TlsPlan& plan, sys::Fd socket, SmtpBegin begin,
                     Without without);

  [[nodiscard]] Handover handover(const Target& target, int socket) const;

  [[nodiscard]] std::string hello_name(int socket) const;
  void report_tls(const Target& target, const TlsPlan& plan, const SessionEnd& end, int socket);
  [[nodiscard]] std::string nobody_took_it(const Failure& failure) const;

  const DeliverySettings& settings_;
  SessionTerms terms_;
  Dialer dialer_;
  const Delivery& delivery_;
  const std::string& mail_from_;
  Signer signer_;
  const Surroundings& surroundings_;
  std::chrono::milliseconds search_end_;
  TimedDns timed_dns_;
  net::Dns dns_;
  Targets targets_;
  TlsDecision tls_;
  TlsReporter reporter_;
  KeepSettings keep_;
  std::string kept_terms_;
  // Addresses of the same preference that were not tried yet.
  std::deque<Target> next_;
  // Those that have all the connections they may have.
  std::vector<Target> full_;
  // Why the last server that did not do the TLS that is demanded was not used.
  std::optional<std::string> unmet_;
};

// The name that fits the address of this host at this connection.
std::string Attempt::hello_name(int socket) const {
  const HelloNames& names = settings_.addresses.hello_names;
  if (names.lines.empty()) {
    return terms_.hello;
  }
  const auto own = net::local_endpoint(socket);
  return own ? names.find(own->address).value_or(terms_.hello) : terms_.hello;
}

Handover Attempt::handover(const Target& target, int socket) const {
  Handover state;
  state.socket = socket;
  state.target = target;
  state.rest = targets_.remaining({next_.begin(), next_.end()});
  state.terms = terms_;
  state.tls = tls_.findings();
  state.signer = signer_.hand_over();
  if (surroundings_.stay && (keep_.messages > 1 || delivery_.recipients.size() > 1)) {
    state.stay = surroundings_.stay();
    state.stay->keep = keep_;
    state.stay->terms = kept_terms_;
  }
  return state;
}

// Returns whether the connection may carry one more message after the next one.
bool Attempt::may_keep(const Contact& contact) const {
  return surroundings_.kept != nullptr && contact.messages + 1 < keep_.messages &&
         sys::monotonic() - contact.since < kKeptMax;
}

Request Attempt::request_for(const Contact& contact, const TlsPlan& plan) {
  Request request;
  request.envelope = {mail_from_,    delivery_.recipients,
                      delivery_.dsn, settings_.addresses.utf8,
                      pipelines(),   !signer_.is_wanted()};
  request.message = delivery_.message;
  request.fold_lines = settings_.fold_lines;
  request.demand = plan.demand;
  request.peer = contact.target.address.text();
  request.limits = {terms_.end, terms_.session_end};
  request.signer = &signer_;
  request.keep = may_keep(contact);
  return request;
}

void Attempt::keep_if(bool wanted, std::unique_ptr<Contact> contact) {
  if (wanted) {
    ++contact->messages;
    contact->smtp->outlive_opening();
    surroundings_.kept->put(std::move(contact), keep_.idle);
  }
}

SessionEnd Attempt::session(const Target& target, const TlsPlan& plan, sys::Fd socket,
                            SmtpBegin begin, Without without) {
  reporter_.begin();
  auto contact =
      std::make_unique<Contact>(target, std::move(socket), terms_.timeout, time_left());
  const int socket_number = contact->clear.input();
  contact->login = terms_.login;
  contact->terms = kept_terms_;
  Request request = request_for(*contact, plan);
  // What was left out for want of success may succeed next time.
  request.keep = request.keep && !without.starttls && !without.ehlo;
  if (request.keep) {
    // Before TLS begins: a file that changes from now on counts for the next connection.
    contact->tls_terms = tls_terms(plan);
  }
  SmtpConnectionSettings& smtp = request.connection;
  smtp = session_settings(terms_, plan, begin, target.address, without);
  smtp.hello = hello_name(socket_number);
  smtp.greeted = [this] { signer_.start(); };
  smtp.tls.state = [&] { return encode_handover(handover(target, socket_number)); };
  if (!terms_.login.user.empty()) {
    smtp.login = &contact->login;
  }
  contact->smtp = std::make_unique<SmtpConnection>(smtp, contact->clear, surroundings_.tls);
  SessionEnd end = deliver(request, *contact->smtp, surroundings_.tls);
  if (!without.starttls) {
    report_tls(target, plan, end, socket_number);
  }
  keep_if(end.kept, std::move(contact));
  note_ends(end);
  return end;
}

void Attempt::note_ends(SessionEnd& end) const {
  if (surroundings_.ends != nullptr) {
    *surroundings_.ends = std::move(end.recipients);
  }
}

// The server was found as it would be found now, or a little earlier; what TLS it needs is
// asked again. A connection that was closed meanwhile is no failure of this delivery.
std::optional<std::string> Attempt::over_kept() {
  if (surroundings_.kept == nullptr) {
    return std::nullopt;
  }
  auto contact = surroundings_.kept->take(kept_terms_);
  if (contact == nullptr) {
    return std::nullopt;
  }
  const auto plan = tls_.plan(contact->target);
  if (!plan || tls_terms(*plan) != contact->tls_terms || !claim(contact->target.address)) {
    contact->smtp->quit();
    return std::nullopt;
  }
  begin_sessions();
  signer_.start();
  SessionEnd end = deliver_again(request_for(*contact, *plan), *contact->smtp);
  keep_if(end.kept, std::move(contact));
  if (end.untouched) {
    return std::nullopt;
  }
  note_ends(end);
  return std::move(end.report);
}

// A session without TLS because the one before it failed with TLS is no news, and one that
// ended before its turn came says nothing about TLS.
void Attempt::report_tls(const Target& target, const TlsPlan& plan, const SessionEnd& end,
                         int socket) {
  if (!reporter_.is_on() || !plan.starttls || (!end.fault && !end.in_tls)) {
    return;
  }
  const auto own = net::local_endpoint(socket);
  reporter_.end(plan, {end.fault, end.detail, target.name, target.address.text(),
                       own ? own->address.text() : std::string()});
}

std::optional<TlsPlan> Attempt::plan_for(const Target& target) {
  auto plan = tls_.plan(target);
  if (!plan) {
    unmet_ = failure_report(plan.error());
    return std::nullopt;
  }
  return std::move(*plan);
}

std::optional<std::string> Attempt::talk(const Target& target, const TlsPlan& plan,
                                         sys::Fd socket, SmtpBegin begin) {
  Without without;
  SessionEnd end = session(target, plan, std::move(socket), begin, without);
  // Each is left out once, so that this ends. Whether the address takes another connection or
  // not: the host is alive, and its record stays as it is.
  while (end.retry != SmtpRetry::none && time_left() > base::Seconds(0)) {
    (end.retry == SmtpRetry::in_clear ? without.starttls : without.ehlo) = true;
    auto again = dialer_.connect_again(target.address, terms_.port, time_left());
    if (!again) {
      return std::nullopt;
    }
    end = session(target, plan, std::move(*again), first_step(), without);
  }
  if (end.tls_failed && plan.by_policy) {
    unmet_ = std::move(end.report);
    return std::nullopt;
  }
  return std::move(end.report);
}

// A message of unknown size may take all the time there is.
void Attempt::begin_sessions() {
  const auto size = size_of_message(delivery_.message);
  terms_.session_end =
      size ? std::min(sys::monotonic() + net::session_time(*size), terms_.end) : terms_.end;
}

std::optional<std::string> Attempt::try_address(const Target& target) {
  if (dialer_.left_alone(target.address)) {
    return std::nullopt;
  }
  if (!claim(target.address)) {
    full_.push_back(target);
    return std::nullopt;
  }
  return connect(target);
}

std::optional<std::string> Attempt::connect(const Target& target) {
  const auto plan = plan_for(target);
  if (!plan) {
    return std::nullopt;
  }
  auto socket = dialer_.connect(target.address, terms_.port, time_left());
  if (!socket) {
    if (lacks_resources(socket.error().error)) {
      return failure_report(out_of_resources());
    }
    return std::nullopt;
  }
  begin_sessions();
  return talk(target, *plan, std::move(*socket), first_step());
}

// Whoever waits here keeps a delivery of qmail-send from another host.
std::optional<std::string> Attempt::wait_for_share() {
  constexpr std::chrono::milliseconds kPause(100);
  const auto begun = sys::monotonic();
  while (!full_.empty() && !has_searched()) {
    const bool moves = std::any_of(full_.begin(), full_.end(), [this](const Target& target) {
      return surroundings_.slots->moves(target.address);
    });
    if (sys::monotonic() - begun >= (moves ? kShareWaitMoving : kShareWaitStill)) {
      return failure_report(shares_taken());
    }
    sys::pause_for(kPause);
    for (std::size_t i = 0; i < full_.size(); ++i) {
      if (claim(full_[i].address)) {
        const Target target = full_[i];
        full_.erase(full_.begin() + static_cast<std::ptrdiff_t>(i));
        if (auto report = connect(target)) {
          return report;
        }
        break;
      }
    }
  }
  return full_.empty() ? std::nullopt : std::optional(failure_report(shares_taken()));
}

// That a server could not do what is demanded says more than that another one did not answer.
std::string Attempt::nobody_took_it(const Failure& failure) const {
  return unmet_ ? *unmet_ : failure_report(failure);
}

std::string Attempt::run() {
  if (auto report = over_kept()) {
    return *std::move(report);
  }
  for (;;) {
    const auto targets = targets_.next();
    if (targets.empty()) {
      auto report = wait_for_share();
      return report ? *std::move(report) : nobody_took_it(targets_.failure());
    }
    next_.assign(targets.begin(), targets.end());
    while (!next_.empty()) {
      if (has_searched()) {
        return nobody_took_it(full_.empty() ? not_connected() : shares_taken());
      }
      const Target target = std::move(next_.front());
      next_.pop_front();
      if (auto report = try_address(target)) {
        return *std::move(report);
      }
    }
  }
}

std::string Attempt::resume(const Target& target, sys::Fd socket) {
  const auto plan = plan_for(target);
  auto report = plan ? talk(target, *plan, std::move(socket),
                            tls_first() ? first_step() : SmtpBegin::starttls_accepted)
                     : std::nullopt;
  return report ? *std::move(report) : run();
}

}  // namespace

std::string attempt(const Settings& settings, const Delivery& delivery,
                    const Surroundings& surroundings) {
  const auto leaving = leave(delivery, settings.delivery);
  if (!leaving) {
    return failure_report(leaving.error());
  }
  auto route = settings.sender_routes.find(leaving->sender);
  if (!route) {
    route = settings.routes.find(leaving->delivery.host, leaving->sender);
  }
  return Attempt(settings, *leaving, surroundings, route.value_or(Route{})).run();
}

std::string resume(Handover handover, const DeliverySettings& settings,
                   const Delivery& delivery, const Surroundings& surroundings) {
  sys::Fd socket(handover.socket);
  const auto leaving = leave(delivery, settings);
  if (!leaving) {
    return failure_report(leaving.error());
  }
  const Target target = handover.target;
  return Attempt(std::move(handover), settings, *leaving, surroundings)
      .resume(target, std::move(socket));
}

}  // namespace reqmail::remote
