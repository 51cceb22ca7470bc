#include "smtpd/qmqp_session.h"

#include "mail/envelope.h"
#include "proto/mail_policy.h"
#include "smtpd/outside.h"

namespace reqmail::smtpd {

namespace {

using proto::RefusalKind;

class QmqpSession final : public FrameSession {
 public:
  explicit QmqpSession(const FrameClient& client)
      : FrameSession(client, 0), policy_({}, proto::qmqp_checks()) {}

 protected:
  std::optional<int> sender(std::string_view address, bool unfit) override;
  std::optional<int> recipient(std::string_view address, bool unfit) override;
  std::optional<int> package_end() override;

 private:
  // The client gets one verdict; if both are set, the first one decides it.
  bool unfit_ = false;
  bool no_room_ = false;

  proto::MailPolicy policy_;
  Outside outside_;
  std::uint64_t envelope_size_ = 0;
};

std::optional<int> QmqpSession::sender(std::string_view address, bool unfit) {
  unfit_ = unfit;
  if (unfit) {
    message().queue().give_up();
  }
  envelope_size_ += mail::record_size(address.size());
  message().queue().sender(unfit ? "" : address);
  return std::nullopt;
}

std::optional<int> QmqpSession::recipient(std::string_view address, bool unfit) {
  proto::PolicyFacts facts;
  facts.recipient = address;
  facts.envelope_size = envelope_size_;
  no_room_ = judge(policy_, proto::PolicyPhase::rcpt, facts, outside_).has_value() || no_room_;
  envelope_size_ += mail::record_size(address.size());
  unfit_ = unfit_ || unfit;
  if (unfit || no_room_) {
    message().queue().give_up();
  } else {
    message().queue().recipient(address);
  }
  return std::nullopt;
}

std::optional<int> QmqpSession::package_end() {
  const std::string queued = finish();
  if (unfit_) {
    answer(frame_verdict(refusal(RefusalKind::unfit_address)));
  } else if (no_room_) {
    answer(frame_verdict(refusal(RefusalKind::too_many_for_one_answer)));
  } else {
    answer(queued);
  }
  return FrameExit::kDone;
}

}  // namespace

int serve_qmqp(const mail::NetworkPeer& peer, sys::Reader& input, sys::Writer& output,
               const sys::LeastRate& rate) {
  const FrameClient client{proto::MailFrameParser::Protocol::qmqp, peer, input, output, rate};
  return QmqpSession(client).run();
}

}  // namespace reqmail::smtpd
