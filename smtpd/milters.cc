#include "smtpd/milters.h"

#include <algorithm>
#include <utility>

#include "base/number.h"
#include "base/terminal_text.h"
#include "base/text.h"
#include "filter/message_edits.h"
#include "filter/milter_event_data.h"
#include "proto/sasl.h"
#include "smtpd/service_socket.h"

namespace reqmail::smtpd {

namespace {

using filter::MilterEvent;
using filter::MilterReply;

constexpr unsigned kHangUpCode = 421;

// Returns the refusal for a reply with a text of several lines.
proto::Refusal refusal_with_text(const MilterReply& reply) {
  std::string text;
  for (const std::string_view line : base::split(reply.text, '\n')) {
    if (!text.empty()) {
      text.push_back('\n');
    }
    text += base::peer_text(line);
  }
  proto::Refusal refusal = proto::refusal(proto::RefusalKind::filtered);
  refusal.code = reply.code;
  refusal.text = std::move(text);
  refusal.ends_session = reply.code == kHangUpCode;
  return refusal;
}

std::optional<proto::Refusal> refusal_of(const MilterReply& reply) {
  switch (reply.kind) {
  case MilterReply::Kind::reject:
    return proto::refusal(proto::RefusalKind::filtered);
  case MilterReply::Kind::tempfail:
    return proto::refusal(proto::RefusalKind::filter_defers);
  case MilterReply::Kind::text:
    return refusal_with_text(reply);
  case MilterReply::Kind::go_on:
  case MilterReply::Kind::accept:
  case MilterReply::Kind::discard:
    break;
  }
  return std::nullopt;
}

}  // namespace

Milters::Milters(const std::vector<filter::ServiceLine>& lines, FilterPeer peer)
    : lines_(lines), peer_(std::move(peer)) {
  forget_session();
}

void Milters::forget_session() {
  first_ = nullptr;
  milters_.clear();
  milters_.reserve(lines_.size());
  for (const filter::ServiceLine& line : lines_) {
    milters_.push_back({MilterConnection(line)});
  }
  connected_ = in_transaction_ = discarded_ = false;
  refused_.reset();
  helo_.reset();
  macros_.clear();
}

void Milters::set(std::string_view name, std::string value) {
  const auto found = std::find_if(macros_.begin(), macros_.end(),
                                  [&](const auto& macro) { return macro.first == name; });
  if (found == macros_.end()) {
    macros_.emplace_back(name, std::move(value));
  } else {
    found->second = std::move(value);
  }
}

void Milters::note_session(const proto::SmtpServer& session) {
  set("j", peer_.own_name);
  set("daemon_name", "qmail-smtpd");
  set("client_addr", peer_.client_ip);
  set("client_name", peer_.client_name);
  set("client_port", peer_.client_port);
  const auto& security = session.security();
  set("tls_version", security ? security->version : std::string());
  set("cipher", security ? security->cipher : std::string());
  const auto& identity = session.auth().identity();
  set("auth_authen", identity ? identity->user : std::string());
  set("auth_type",
      identity ? std::string(proto::sasl_protocol_name(identity->mechanism)) : std::string());
}

void Milters::tell_session(Milter& milter, MilterEvent event, const std::string& data) {
  const MilterReply reply = milter.connection.tell(event, data, macros_);
  if (reply.kind != MilterReply::Kind::go_on && reply.kind != MilterReply::Kind::accept) {
    milter.of_session = reply;
  }
}

void Milters::connect(const proto::SmtpServer& session) {
  const auto port = base::parse_u64(peer_.client_port).value_or(0);
  const std::string data = filter::milter_connect_data(peer_.client_name, peer_.client_ip,
                                                       static_cast<std::uint16_t>(port));
  if (!connected_) {
    for (Milter& milter : milters_) {
      milter.connection.open();
      tell_session(milter, MilterEvent::connect, data);
    }
  }
  connected_ = true;
  if (session.helo() && session.helo() != helo_) {
    helo_ = session.helo();
    for (Milter& milter : milters_) {
      tell_session(milter, MilterEvent::helo, filter::milter_helo_data(*helo_));
    }
  }
}

// Returns what an answer means for the current command.
std::optional<proto::Refusal> Milters::settle(const Milter& milter, const MilterReply& reply) {
  if (reply.kind == MilterReply::Kind::discard && !discarded_) {
    discarded_ = true;
    log_service("milter", base::concat({milter.connection.place(), ": discards the message"}));
  }
  return refusal_of(reply);
}

std::optional<proto::Refusal> Milters::ask_all(MilterEvent event, const std::string& data) {
  for (Milter& milter : milters_) {
    if (discarded_) {
      break;
    }
    if (auto refusal = settle(milter, milter.connection.tell(event, data, macros_))) {
      return refusal;
    }
  }
  return std::nullopt;
}

std::optional<proto::Refusal> Milters::on_mail(const proto::Question& question,
                                               const proto::SmtpServer& session) {
  end_transaction();
  note_session(session);
  connect(session);
  set("mail_addr", question.mailbox);
  set("i", message_name(++messages_));
  for (Milter& milter : milters_) {
    if (auto refusal = settle(milter, milter.of_session)) {
      discarded_ = false;
      return refusal;
    }
  }
  for (Milter& milter : milters_) {
    milter.connection.begin_message();
  }
  in_transaction_ = true;
  auto refusal = ask_all(MilterEvent::mail,
                         filter::milter_address_data(question.mailbox, question.parameters));
  if (refusal) {
    end_transaction();
  }
  return refusal;
}

// If the milters do not know the transaction, they have refused its MAIL after an earlier MAIL
// of the same transaction.
std::optional<proto::Refusal> Milters::on_recipient(const proto::Question& question) {
  if (!in_transaction_) {
    return proto::refusal(proto::RefusalKind::mail_first);
  }
  set("rcpt_addr", question.mailbox);
  return ask_all(MilterEvent::rcpt,
                 filter::milter_address_data(question.mailbox, question.parameters));
}

std::optional<proto::Refusal> Milters::on_data() {
  if (!in_transaction_) {
    return proto::refusal(proto::RefusalKind::mail_first);
  }
  if (!refused_) {
    refused_ = ask_all(MilterEvent::data, {});
  }
  return refused_;
}

void Milters::end_transaction() {
  if (in_transaction_) {
    for (Milter& milter : milters_) {
      milter.connection.abort();
    }
  }
  in_transaction_ = discarded_ = false;
  refused_.reset();
  first_ = nullptr;
}

MessageInterest Milters::begin(const proto::SmtpServer& /*session*/) {
  cutter_ = MessageCutter();
  first_ = nullptr;
  if (discarded_) {
    return MessageInterest::held;
  }
  const auto found = std::find_if(milters_.begin(), milters_.end(), [](const Milter& milter) {
    return milter.connection.wants_message();
  });
  first_ = found == milters_.end() ? nullptr : &*found;
  return first_ == nullptr ? MessageInterest::none : MessageInterest::held;
}

void Milters::take(std::string_view block) {
  if (first_ != nullptr) {
    cutter_.take(
        block,
        [this](const mail::HeaderText& header) { first_->connection.header(header, macros_); },
        [this](std::string_view body) { first_->connection.body(body); });
  }
}

std::optional<proto::Refusal> Milters::judge_by(Milter& milter, HeldMessage& message,
                                                proto::SmtpEnvelope& envelope) {
  MilterConnection::Judgement judgement = milter.connection.end_message(macros_);
  if (auto refusal = settle(milter, judgement.reply); refusal || discarded_) {
    return refusal;
  }
  if (judgement.body) {
    // Header lines after which no field comes are part of the old body.
    message.header().remove_after_fields();
    message.replace_body(*std::move(judgement.body));
  }
  filter::edit_header(judgement.edits, !milter.connection.keeps_leading_space(),
                      message.header());
  filter::edit_envelope(judgement.edits, envelope.sender, envelope.recipients);
  if (envelope.recipients.empty()) {
    discarded_ = true;
    log_service("milter",
                base::concat({milter.connection.place(), ": removes every recipient"}));
  }
  return std::nullopt;
}

MessageVerdict Milters::judge(HeldMessage& message, proto::SmtpEnvelope& envelope) {
  std::optional<proto::Refusal> refusal;
  if (first_ != nullptr) {
    cutter_.end(
        [this](const mail::HeaderText& header) { first_->connection.header(header, macros_); });
  }
  for (Milter& milter : milters_) {
    if (discarded_ || refusal) {
      break;
    }
    if (!milter.connection.wants_message() && &milter != first_) {
      continue;
    }
    if (&milter != first_) {
      milter.connection.header(message.header(), macros_);
      const auto read = message.body().each(
          [&milter](std::string_view piece) { milter.connection.body(piece); });
      if (!read) {
        refusal = proto::refusal(proto::RefusalKind::not_held);
        break;
      }
    }
    refusal = judge_by(milter, message, envelope);
  }
  const bool discarded = discarded_;
  end_transaction();
  return {std::move(refusal), discarded};
}

void Milters::abandon() {
  end_transaction();
}

}  // namespace reqmail::smtpd
