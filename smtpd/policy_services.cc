#include "smtpd/policy_services.h"

#include <algorithm>
#include <cerrno>
#include <utility>

#include "base/terminal_text.h"
#include "base/text.h"
#include "proto/sasl.h"
#include "smtpd/service_socket.h"
#include "sys/clock.h"

namespace reqmail::smtpd {

namespace {

constexpr base::Seconds kQuestionTime{10};
constexpr std::size_t kReadAtOnce = 4096;
constexpr std::string_view kTopic = "policy";

base::Seconds question_time(const filter::ServiceLine& line) {
  return line.timeout.value_or(kQuestionTime);
}

proto::Refusal refusal_with(const filter::PolicyAction& action) {
  constexpr unsigned kHangUpCode = 421;
  proto::Refusal refusal = proto::refusal(proto::RefusalKind::policy_unavailable);
  refusal.code = action.code;
  refusal.text = base::peer_text(action.text);
  refusal.ends_session = action.code == kHangUpCode;
  return refusal;
}

}  // namespace

PolicyServices::PolicyServices(const std::vector<filter::ServiceLine>& lines, FilterPeer peer)
    : peer_(std::move(peer)) {
  for (const filter::ServiceLine& line : lines) {
    services_.push_back({line});
  }
}

void PolicyServices::begin_transaction(const proto::SmtpServer& session) {
  if (transaction_ != session.transactions()) {
    transaction_ = session.transactions();
    instance_ = message_name(transaction_);
    fields_.clear();
    discarded_ = false;
  }
}

filter::PolicyRequest PolicyServices::request(const proto::Question& question,
                                              const proto::SmtpServer& session) const {
  filter::PolicyRequest request;
  request.protocol_name = session.speaks_esmtp() ? "ESMTP" : "SMTP";
  request.helo_name = session.helo().value_or(std::string());
  request.sender = session.envelope().sender;
  request.recipient = question.mailbox;
  request.client_address = peer_.client_ip;
  request.client_name = peer_.client_name;
  request.client_port = peer_.client_port;
  request.instance = instance_;
  if (const auto& identity = session.auth().identity()) {
    request.sasl_method = proto::sasl_protocol_name(identity->mechanism);
    request.sasl_username = identity->user;
  }
  request.size = session.envelope().announced_size;
  if (const auto& security = session.security()) {
    request.encryption_protocol = security->version;
    request.encryption_cipher = security->cipher;
  }
  return request;
}

std::optional<proto::Refusal> PolicyServices::on_recipient(const proto::Question& question,
                                                           const proto::SmtpServer& session) {
  begin_transaction(session);
  deferral_.reset();
  const std::string text = filter::encode_policy_request(request(question, session));
  for (Service& service : services_) {
    if (auto refusal = ask(service, text)) {
      return refusal;
    }
  }
  return std::nullopt;
}

std::optional<proto::Refusal> PolicyServices::fallback(const Service& service) const {
  return service.line.fallback == "defer"
             ? std::optional(proto::refusal(proto::RefusalKind::policy_unavailable))
             : std::nullopt;
}

// A service may close an idle connection, so the question is asked again if the connection was
// used before.
std::optional<proto::Refusal> PolicyServices::ask(Service& service,
                                                  const std::string& request) {
  if (service.failed) {
    return fallback(service);
  }
  const bool used = service.connection != nullptr;
  auto action = exchange(service, request);
  if (!action && used && action.error().error != ETIMEDOUT) {
    action = exchange(service, request);
  }
  if (!action) {
    service.failed = true;
    log_service(kTopic, base::concat({service.line.place, ": ", action.error().text,
                                      ": default=", service.line.fallback}));
    return fallback(service);
  }
  return follow(service, *action);
}

Result<filter::PolicyAction> PolicyServices::exchange(Service& service,
                                                      const std::string& request) {
  const base::Seconds time = question_time(service.line);
  const auto end = sys::monotonic() + time;
  // The connection is closed unless the exchange succeeds.
  auto connection = std::exchange(service.connection, nullptr);
  if (!connection) {
    auto socket = connect_to_service(service.line, time);
    if (!socket) {
      return socket.error();
    }
    connection = std::make_unique<net::SocketConnection>(std::move(*socket), time, time);
  }
  connection->stop_at(end);
  if (auto sent = connection->write(request); !sent) {
    return temporary("connection lost", sent.error().error);
  }
  filter::PolicyAnswerReader answer;
  char bytes[kReadAtOnce];
  while (!answer.is_complete() && !answer.is_broken()) {
    const auto count = connection->read(bytes, sizeof bytes);
    if (!count && count.error().error == ETIMEDOUT) {
      return temporary("timeout", ETIMEDOUT);
    }
    if (!count || *count == 0) {
      return temporary("connection lost");
    }
    answer.add(std::string_view(bytes, *count));
  }
  if (answer.is_broken()) {
    return temporary("protocol error");
  }
  service.connection = std::move(connection);
  return answer.action();
}

std::optional<proto::Refusal> PolicyServices::follow(Service& service,
                                                     const filter::PolicyAction& action) {
  using Kind = filter::PolicyAction::Kind;
  switch (action.kind) {
  case Kind::go_on:
    break;
  case Kind::refuse:
    return refusal_with(action);
  case Kind::defer_if_permit:
    if (!deferral_) {
      deferral_ = refusal_with(action);
    }
    break;
  case Kind::discard:
    discarded_ = true;
    log_service(kTopic, base::concat({service.line.place, ": discards the message"}));
    break;
  case Kind::prepend:
    // A field that is returned for each recipient is added only once.
    if (std::ranges::find(fields_, action.text) == fields_.end()) {
      fields_.push_back(action.text);
    }
    break;
  case Kind::warn:
    log_service(kTopic, base::concat({service.line.place, ": warning: ", action.text}));
    break;
  case Kind::unknown:
    log_service(kTopic, base::concat({service.line.place,
                                      ": unknown action: default=", service.line.fallback}));
    return fallback(service);
  }
  return std::nullopt;
}

std::string PolicyServices::fields() const {
  std::string all;
  for (const std::string& field : fields_) {
    all += field;
  }
  return all;
}

MessageInterest PolicyServices::begin(const proto::SmtpServer& session) {
  begin_transaction(session);
  if (discarded_) {
    return MessageInterest::held;
  }
  return fields_.empty() ? MessageInterest::none : MessageInterest::if_held;
}

MessageVerdict PolicyServices::judge(HeldMessage& message, proto::SmtpEnvelope& /*envelope*/) {
  // Each by itself, so that none of them is taken for one of the client's.
  for (auto field = fields_.rbegin(); field != fields_.rend(); ++field) {
    message.header().put_on_top(*field);
  }
  return {.discarded = discarded_};
}

}  // namespace reqmail::smtpd
