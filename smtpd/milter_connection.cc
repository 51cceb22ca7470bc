#include "smtpd/milter_connection.h"

#include <algorithm>
#include <cerrno>
#include <utility>

#include "base/text.h"
#include "filter/milter_event_data.h"
#include "mail/verdict_codec.h"
#include "smtpd/service_socket.h"
#include "sys/clock.h"

namespace reqmail::smtpd {

namespace {

using filter::MilterEvent;
using filter::MilterReply;
using Taken = filter::MilterClient::Taken;

constexpr base::Seconds kQuestionTime{30};
constexpr base::Seconds kEndOfMessageTime{300};
// The longest time for a question, however often the milter reports progress.
constexpr base::Seconds kLongestQuestion{1800};
constexpr base::Seconds kFarewellTime{1};
constexpr std::size_t kReadAtOnce = 8192;

bool lets_pass(const MilterReply& reply) {
  return reply.kind == MilterReply::Kind::go_on || reply.kind == MilterReply::Kind::accept;
}

}  // namespace

// CR LF becomes LF; any other CR is kept.
void MilterConnection::NewBody::add(std::string_view piece) {
  if (!bytes) {
    bytes.emplace();
  }
  std::string stored;
  stored.reserve(piece.size() + 1);
  for (const char c : piece) {
    if (after_cr && c != '\n') {
      stored.push_back('\r');
    }
    after_cr = c == '\r';
    if (!after_cr) {
      stored.push_back(c);
    }
    in_line = c != '\n';
  }
  bytes->append(stored);
}

// The last line gets its line end, as in every message that comes by SMTP.
void MilterConnection::NewBody::end() {
  if (in_line) {
    bytes->append(after_cr ? "\r\n" : "\n");
  }
}

MilterConnection::~MilterConnection() {
  if (connection_) {
    connection_->stop_at(sys::monotonic() + kFarewellTime);
    (void)connection_->write(client_.abort() + filter::MilterClient::quit());
  }
}

std::chrono::milliseconds MilterConnection::question_time() const {
  return line_.timeout.value_or(kQuestionTime);
}

MilterReply MilterConnection::default_reply() const {
  if (line_.fallback == "accept") {
    return {MilterReply::Kind::accept};
  }
  if (line_.fallback == "reject") {
    return {MilterReply::Kind::reject};
  }
  const int code = mail::smtp_code(Permanence::temporary);
  return {MilterReply::Kind::text, static_cast<unsigned>(code),
          "content filter unavailable (#4.3.0)"};
}

MilterReply MilterConnection::fail(std::string_view why) {
  failed_ = true;
  connection_.reset();
  log_service("milter", base::concat({line_.place, ": ", why, ": default=", line_.fallback}));
  return default_reply();
}

void MilterConnection::open() {
  const auto limit = std::chrono::duration_cast<base::Seconds>(question_time());
  auto socket = connect_to_service(line_, limit);
  if (!socket) {
    (void)fail(socket.error().text);
    return;
  }
  connection_ = std::make_unique<net::SocketConnection>(std::move(*socket), kLongestQuestion,
                                                        kLongestQuestion);
  if (send(filter::MilterClient::negotiation())) {
    (void)wait_for_reply(question_time(), nullptr);
  }
}

bool MilterConnection::send(const std::string& packets) {
  connection_->stop_at(sys::monotonic() + question_time());
  if (packets.empty()) {
    return true;
  }
  if (auto sent = connection_->write(packets); !sent) {
    (void)fail(sent.error().error == ETIMEDOUT ? "timeout" : "connection lost");
    return false;
  }
  return true;
}

MilterReply MilterConnection::wait_for_reply(std::chrono::milliseconds limit, NewBody* body) {
  const auto last =
      sys::monotonic() + std::max<std::chrono::milliseconds>(limit, kLongestQuestion);
  auto end = sys::monotonic() + limit;
  char bytes[kReadAtOnce];
  for (;;) {
    switch (client_.next()) {
    case Taken::reply:
      return client_.reply();
    case Taken::broken:
      return fail("protocol error");
    case Taken::body:
      body->add(client_.body_piece());
      [[fallthrough]];
    case Taken::progress:
    case Taken::edit:
      end = std::min(sys::monotonic() + limit, last);
      continue;
    case Taken::more:
      break;
    }
    connection_->stop_at(end);
    const auto count = connection_->read(bytes, sizeof bytes);
    if (!count || *count == 0) {
      return fail(!count && count.error().error == ETIMEDOUT ? "timeout" : "connection lost");
    }
    client_.take(std::string_view(bytes, *count));
  }
}

MilterReply MilterConnection::tell(MilterEvent event, std::string_view data,
                                   const filter::MilterMacros& macros) {
  if (failed_) {
    return default_reply();
  }
  if (!send(client_.tell(event, data, macros))) {
    return default_reply();
  }
  return client_.is_due() ? wait_for_reply(question_time(), nullptr) : MilterReply();
}

void MilterConnection::begin_message() {
  client_.begin_message();
  early_reply_.reset();
  unsent_body_.clear();
}

bool MilterConnection::wants_message() const {
  return failed_ ? !lets_pass(default_reply()) : client_.in_message();
}

void MilterConnection::tell_of_message(MilterEvent event, std::string_view data,
                                       const filter::MilterMacros& macros) {
  MilterReply reply = tell(event, data, macros);
  if (reply.kind != MilterReply::Kind::go_on) {
    early_reply_ = std::move(reply);
  }
}

void MilterConnection::header(const mail::HeaderText& header,
                              const filter::MilterMacros& macros) {
  const std::string_view fields = header.fields();
  const mail::HeaderText told{std::string(fields)};
  told.each([&](const mail::HeaderText::Field& field) {
    if (!early_reply_ && !field.name.empty() && client_.hears(MilterEvent::header)) {
      tell_of_message(
          MilterEvent::header,
          filter::milter_field_data(field.name, field.raw, client_.keeps_leading_space()),
          macros);
    }
  });
  if (!early_reply_) {
    tell_of_message(MilterEvent::end_of_header, {}, macros);
  }
  // By RFC 5322, what follows a line that is not a field is the body.
  const std::string_view rest = std::string_view(header.text()).substr(fields.size());
  if (!rest.empty()) {
    body(rest);
    body("\n");
  }
}

void MilterConnection::body(std::string_view block) {
  if (!early_reply_ && !failed_ && client_.hears(MilterEvent::body)) {
    unsent_body_ += filter::with_crlf(block);
    send_body(false);
  }
}

// If `all` is true, the last piece may be shorter than the others.
void MilterConnection::send_body(bool all) {
  std::string_view rest = unsent_body_;
  while (!early_reply_ && !rest.empty() && (all || rest.size() >= filter::kMilterDataMax)) {
    tell_of_message(MilterEvent::body, rest.substr(0, filter::kMilterDataMax), {});
    rest.remove_prefix(std::min(rest.size(), filter::kMilterDataMax));
    if (!client_.hears(MilterEvent::body)) {
      rest = {};
    }
  }
  unsent_body_.erase(0, unsent_body_.size() - rest.size());
}

MilterConnection::Judgement MilterConnection::end_message(const filter::MilterMacros& macros) {
  send_body(true);
  unsent_body_.clear();
  if (early_reply_) {
    return {*early_reply_};
  }
  if (failed_) {
    return {default_reply()};
  }
  if (!client_.hears(MilterEvent::end_of_message)) {
    return {};
  }
  if (!send(client_.tell(MilterEvent::end_of_message, {}, macros))) {
    return {default_reply()};
  }
  NewBody body;
  MilterReply reply = wait_for_reply(
      std::max<std::chrono::milliseconds>(kEndOfMessageTime, question_time()), &body);
  if (failed_ || !lets_pass(reply)) {
    return {std::move(reply)};
  }
  body.end();
  return {std::move(reply), client_.edits(), std::move(body.bytes)};
}

void MilterConnection::abort() {
  if (connection_) {
    (void)send(client_.abort());
  }
  early_reply_.reset();
  unsent_body_.clear();
}

}  // namespace reqmail::smtpd
