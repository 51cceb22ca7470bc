// Checks of whole messages: external filters, and the checks of senders and signatures.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "proto/refusals.h"
#include "proto/smtp_server.h"
#include "smtpd/held_message.h"

namespace reqmail::smtpd {

struct MessageVerdict {
  std::optional<proto::Refusal> refusal = std::nullopt;  // absent if it is accepted
  bool discarded = false;  // the client is told "250 ok", and nothing is queued
  // The end of an accepted message's log line, with a blank before each pair.
  std::string findings = {};
};

// What a check needs of the next message.
enum class MessageInterest {
  none,
  if_held,  // it does not need the message, but adds something if it is held
  held,     // the message is held until it is judged
};

// One check of a session. The legal order of calls, for each message whose DATA is accepted:
// begin(); unless it returns none, take() for each block, then judge() or abandon(). The checks
// judge in their order, each sees what those before it have changed, and the first refusal
// wins.
class MessageCheck : public MessageObserver {
 public:
  virtual MessageInterest begin(const proto::SmtpServer& session) = 0;

  // Judges the complete message. The check may change the message and the envelope that the
  // queue program gets. Fields that it adds at the top follow our Received field.
  virtual MessageVerdict judge(HeldMessage& message, proto::SmtpEnvelope& envelope) = 0;

  // Called if the message will not be judged, because it was refused already or the client has
  // gone.
  virtual void abandon() = 0;
};

// The checks of one message, from DATA on. A check that has begun and is not asked for its
// judgement is abandoned.
class MessageChecks {
 public:
  // Begins each check. The checks must outlive this object.
  MessageChecks(const std::vector<MessageCheck*>& checks, const proto::SmtpServer& session);
  MessageChecks(const MessageChecks&) = delete;
  MessageChecks& operator=(const MessageChecks&) = delete;
  ~MessageChecks();

  // Returns whether any check needs the message held. If not, the queue program gets it while
  // it arrives, and no check is asked.
  [[nodiscard]] bool want_it_held() const { return held_; }

  [[nodiscard]] std::vector<MessageObserver*> observers() const {
    return {begun_.begin(), begun_.end()};
  }

  // Asks the checks in their order until one of them does not accept the message.
  MessageVerdict judge(HeldMessage& message, proto::SmtpEnvelope& envelope);

 private:
  std::vector<MessageCheck*> begun_;
  bool held_ = false;
};

}  // namespace reqmail::smtpd
