// The milters of an SMTP session (control/smtpdmilters). They are asked in their order, and
// each message passes through one after the other.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "filter/milter_client.h"
#include "filter/service_line.h"
#include "proto/question.h"
#include "proto/refusals.h"
#include "proto/smtp_server.h"
#include "smtpd/filter_peer.h"
#include "smtpd/held_message.h"
#include "smtpd/message_check.h"
#include "smtpd/milter_connection.h"

namespace reqmail::smtpd {

class Milters final : public MessageCheck {
 public:
  Milters(const std::vector<filter::ServiceLine>& lines, FilterPeer peer);

  [[nodiscard]] bool any() const { return !milters_.empty(); }

  // Answer proto::Question::About::filters_*; nullopt lets the command pass. The first MAIL
  // connects to the milters.
  std::optional<proto::Refusal> on_mail(const proto::Question& question,
                                        const proto::SmtpServer& session);
  std::optional<proto::Refusal> on_recipient(const proto::Question& question);
  std::optional<proto::Refusal> on_data();

  // Called if the transaction has ended without a message.
  void end_transaction();

  // Called when a new session begins, as after a handshake; closes all connections.
  void forget_session();

  MessageInterest begin(const proto::SmtpServer& session) override;
  void take(std::string_view block) override;
  MessageVerdict judge(HeldMessage& message, proto::SmtpEnvelope& envelope) override;
  void abandon() override;

 private:
  struct Milter {
    MilterConnection connection;
    // Its answer to the session, which answers every MAIL.
    filter::MilterReply of_session = {};
  };

  void connect(const proto::SmtpServer& session);
  void tell_session(Milter& milter, filter::MilterEvent event, const std::string& data);
  std::optional<proto::Refusal> ask_all(filter::MilterEvent event, const std::string& data);
  std::optional<proto::Refusal> settle(const Milter& milter, const filter::MilterReply& reply);
  std::optional<proto::Refusal> judge_by(Milter& milter, HeldMessage& message,
                                         proto::SmtpEnvelope& envelope);
  void note_session(const proto::SmtpServer& session);
  void set(std::string_view name, std::string value);

  std::vector<filter::ServiceLine> lines_;
  FilterPeer peer_;
  std::vector<Milter> milters_;
  bool connected_ = false;
  std::optional<std::string> helo_;  // the name that they know
  filter::MilterMacros macros_;
  std::uint64_t messages_ = 0;
  bool in_transaction_ = false;
  // The reason why the whole transaction is refused.
  std::optional<proto::Refusal> refused_;
  bool discarded_ = false;
  // The current message. The first milter that wants it gets it while it arrives.
  MessageCutter cutter_;
  Milter* first_ = nullptr;
};

}  // namespace reqmail::smtpd
