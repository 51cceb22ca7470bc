#include "smtpd/qmtp_session.h"

#include <utility>
#include <vector>

#include "base/text.h"
#include "mail/envelope.h"
#include "proto/mail_policy.h"
#include "smtpd/outside.h"

namespace reqmail::smtpd {

namespace {

using proto::PolicyFacts;
using proto::PolicyPhase;
using proto::RefusalKind;

proto::MailPolicySettings policy_settings(const QmtpdFiles& files,
                                          const ClientEnvironment& client) {
  proto::MailPolicySettings settings;
  settings.databytes = client.databytes.value_or(files.databytes);
  settings.relay_suffix = client.relay_suffix;
  return settings;
}

class QmtpSession final : public FrameSession {
 public:
  QmtpSession(const control::RcptHosts& rcpthosts, proto::MailPolicySettings settings,
              const FrameClient& client)
      : FrameSession(client, settings.databytes),
        policy_(std::move(settings), proto::qmtp_checks()),
        outside_(rcpthosts) {}

 protected:
  std::optional<int> sender(std::string_view address, bool unfit) override;
  std::optional<int> recipient(std::string_view address, bool unfit) override;
  std::optional<int> package_end() override;

 private:
  std::string verdict();

  proto::MailPolicy policy_;
  Outside outside_;
  bool unfit_sender_ = false;
  // The size of the envelope with all recipients that were offered, refused ones included.
  std::uint64_t envelope_size_ = 0;
  // The result of each recipient, in their order.
  std::vector<RefusalKind> fates_;
  std::uint64_t without_room_ = 0;  // number of recipients after those in `fates_`
  bool any_good_ = false;
};

std::optional<int> QmtpSession::sender(std::string_view address, bool unfit) {
  unfit_sender_ = unfit;
  envelope_size_ += mail::record_size(address.size());
  if (unfit) {
    message().queue().give_up();
  }
  message().queue().sender(unfit ? "" : address);
  return std::nullopt;
}

// The parser keeps no byte of an address that is too long, so rcpthosts is not searched for it.
std::optional<int> QmtpSession::recipient(std::string_view address, bool unfit) {
  PolicyFacts facts;
  facts.recipient = address;
  facts.envelope_size = envelope_size_;
  const auto refused = judge(policy_, PolicyPhase::rcpt, facts, outside_);
  const std::string_view suffix =
      proto::relay_suffix(policy_.settings(), facts).value_or(std::string_view());
  const std::size_t size = address.size() + suffix.size();
  envelope_size_ += mail::record_size(size);
  if (refused && refused->ends_session) {
    return FrameExit::kTrouble;
  }
  if (refused && refused->kind == RefusalKind::too_many_recipients) {
    ++without_room_;
  } else if (refused) {
    fates_.push_back(refused->kind);
  } else if (unfit || size >= proto::kFrameAddressMax) {
    fates_.push_back(RefusalKind::unfit_recipient);
  } else {
    fates_.push_back(RefusalKind::none);
    any_good_ = true;
    message().queue().recipient(base::concat({address, suffix}));
  }
  return std::nullopt;
}

// Returns the verdict on the message, which each accepted recipient gets.
std::string QmtpSession::verdict() {
  PolicyFacts facts;
  facts.message_size = message().facts().size;
  const auto refused = judge(policy_, PolicyPhase::end_of_data, facts, outside_);
  if (!any_good_ || refused) {
    message().queue().give_up();
  }
  std::string queued = finish();
  if (refused) {
    return frame_verdict(*refused);
  }
  return unfit_sender_ ? frame_verdict(refusal(RefusalKind::unfit_sender)) : queued;
}

std::optional<int> QmtpSession::package_end() {
  const std::string text = verdict();
  for (const RefusalKind fate : fates_) {
    answer(fate == RefusalKind::none ? text : frame_verdict(refusal(fate)));
  }
  const std::string no_room = frame_verdict(refusal(RefusalKind::too_many_recipients));
  for (; without_room_ > 0; --without_room_) {
    answer(no_room);
  }
  unfit_sender_ = any_good_ = false;
  envelope_size_ = 0;
  fates_.clear();
  return std::nullopt;
}

}  // namespace

int serve_qmtp(const QmtpdFiles& files, const ClientEnvironment& client, sys::Reader& input,
               sys::Writer& output, const sys::LeastRate& rate) {
  const FrameClient frames{proto::MailFrameParser::Protocol::qmtp, client.peer, input, output,
                           rate};
  return QmtpSession(files.rcpthosts, policy_settings(files, client), frames).run();
}

}  // namespace reqmail::smtpd
