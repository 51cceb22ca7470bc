// One message over a client's SMTP connection: MAIL, RCPT, DATA. A connection may carry
// several, one after the other.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "proto/smtp_client.h"
#include "proto/smtp_client_transaction.h"
#include "remote/signer.h"
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
  // What the server said before it hung up, if that was a refusal.
  std::string last_words = {};
};

class SmtpTransaction {
 public:
  // `message`: a descriptor at the beginning of the message. `signer` has fields to put on top
  // of it; null: there are none. `connection` is prepared; it and `signer` must outlive this
  // object. `fold_lines`: lines that are too long for SMTP are folded.
  SmtpTransaction(SmtpConnection& connection, proto::SmtpClientEnvelope envelope, int message,
                  Signer* signer = nullptr, bool fold_lines = false);

  // Once.
  SmtpTransactionResult run();

 private:
  using Step = proto::SmtpClientTransaction::Step;

  // False: the transaction is over.
  bool perform(Step step);
  bool say(const Step& step);
  bool take_fields();
  bool send_message();
  bool break_off();
  bool fail(Failure failure);

  SmtpConnection& connection_;
  int message_;
  Signer* signer_;
  std::string fields_;
  bool fold_lines_;
  proto::SmtpClientTransaction machine_;
  SmtpTransactionResult result_;
  bool dot_sent_ = false;
};

}  // namespace reqmail::remote
