// One message over a client's SMTP connection: MAIL, RCPT, DATA. A connection may carry
// several, one after the other.
#pragma once

#include <optional>
#include <vector>

#include "base/result.h"
#include "proto/smtp_client.h"
#include "proto/smtp_client_transaction.h"
#include "remote/smtp_connection.h"

namespace reqmail::remote {

struct SmtpTransactionResult {
  // What the server said of the recipients; those without an answer are missing at the end.
  std::vector<proto::RecipientOutcome> recipients;
  // How the server ended it.
  std::optional<proto::SmtpEnding> ending;
  // Something here ended it. Neither: the connection broke.
  std::optional<Failure> failure;
  // The connection broke when the server may have had the whole message.
  bool possible_duplicate = false;
};

class SmtpTransaction {
 public:
  // `message`: a descriptor at the beginning of the message. `connection` is prepared and must
  // outlive this object.
  SmtpTransaction(SmtpConnection& connection, proto::SmtpClientEnvelope envelope, int message);

  // Once.
  SmtpTransactionResult run();

 private:
  using Step = proto::SmtpClientTransaction::Step;

  // False: the transaction is over.
  bool perform(Step step);
  bool say(const Step& step);
  bool send_message();
  bool break_off();
  bool fail(Failure failure);

  SmtpConnection& connection_;
  int message_;
  proto::SmtpClientTransaction machine_;
  SmtpTransactionResult result_;
  bool dot_sent_ = false;
};

}  // namespace reqmail::remote
