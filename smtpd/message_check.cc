#include "smtpd/message_check.h"

namespace reqmail::smtpd {

MessageChecks::MessageChecks(const std::vector<MessageCheck*>& checks,
                             const proto::SmtpServer& session) {
  for (MessageCheck* check : checks) {
    const MessageInterest interest = check->begin(session);
    held_ = held_ || interest == MessageInterest::held;
    if (interest != MessageInterest::none) {
      begun_.push_back(check);
    }
  }
}

MessageChecks::~MessageChecks() {
  for (MessageCheck* check : begun_) {
    check->abandon();
  }
}

MessageVerdict MessageChecks::judge(HeldMessage& message, proto::SmtpEnvelope& envelope) {
  MessageVerdict all;
  while (!begun_.empty()) {
    MessageCheck* check = begun_.front();
    begun_.erase(begun_.begin());
    MessageVerdict verdict = check->judge(message, envelope);
    if (verdict.refusal || verdict.discarded) {
      return verdict;
    }
    all.findings += verdict.findings;
  }
  return all;
}

}  // namespace reqmail::smtpd
