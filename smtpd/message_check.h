// What judges whole messages: filters outside and the checks of senders and signatures.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "proto/refusals.h"
#include "proto/smtp_server.h"
#include "smtpd/held_message.h"

namespace reqmail::smtpd {

struct MessageVerdict {
  std::optional<proto::Refusal> refusal = std::nullopt;  // absent: accepted
  bool discarded = false;  // the client is told "250 ok", and nothing is queued
  // What an accepted message's line in the log has at its end, each pair after a blank.
  std::string findings = {};
};

// What a check wants of the message that comes now.
enum class MessageInterest {
  none,
  if_held,  // it does not need to see the message, but has something to add if it is held
  held,     // the message is held until it is judged
};

// One check of a session. The legal order of calls, for each message whose DATA is accepted:
// begin(); unless it returns none, take() for each block, then judge() or abandon(). The checks
// judge in their order, each sees what those before it have changed, and the first refusal
// wins.
class MessageCheck : public MessageObserver {
 public:
  virtual MessageInterest begin(const proto::SmtpServer& session) = 0;

  // The message is complete; it may be changed, and so may the envelope that the queue program
  // gets. What is on top of the header ends up below our Received line.
  virtual MessageVerdict judge(HeldMessage& message, proto::SmtpEnvelope& envelope) = 0;

  // There will be no judgement: the message is refused already, or the client has gone.
  virtual void abandon() = 0;
};

// The checks of one message, from DATA on. Those that have begun are abandoned if they are not
// asked for their judgement.
class MessageChecks {
 public:
  // Begins each check. All must outlive this object.
  MessageChecks(const std::vector<MessageCheck*>& checks, const proto::SmtpServer& session);
  MessageChecks(const MessageChecks&) = delete;
  MessageChecks& operator=(const MessageChecks&) = delete;
  ~MessageChecks();

  // Whether any check wants the message held. If not, the queue program gets it while it
  // arrives, and no check is asked.
  [[nodiscard]] bool want_it_held() const { return held_; }

  [[nodiscard]] std::vector<MessageObserver*> observers() const {
    return {begun_.begin(), begun_.end()};
  }

  // Asks the checks in their order until one of them does not accept.
  MessageVerdict judge(HeldMessage& message, proto::SmtpEnvelope& envelope);

 private:
  std::vector<MessageCheck*> begun_;
  bool held_ = false;
};

}  // namespace reqmail::smtpd
