// What qmail-remote does with a connection: one message over it, and its report.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "proto/smtp_client_transaction.h"
#include "remote/group_ends.h"
#include "remote/signer.h"
#include "remote/smtp_connection.h"
#include "sys/connection.h"
#include "tls/start_tls.h"

namespace reqmail::remote {

struct Request {
  SmtpConnectionSettings connection;
  proto::SmtpClientEnvelope envelope;
  // A descriptor at the beginning of the message.
  int message = -1;
  bool fold_lines = false;  // control/foldlines
  // If TLS is required, who says so: as TlsPlan::demand.
  std::string demand;
  // Address of the server, for the report.
  std::string peer;
  SmtpLimits limits;
  // Null: the message is sent as it is. It must outlive the delivery.
  Signer* signer = nullptr;
  // The connection may carry another message afterwards.
  bool keep = false;
};

struct SessionEnd {
  // The whole report.
  std::string report;
  SmtpRetry retry = SmtpRetry::none;
  // There was no TLS, or not the one that is demanded; nothing was mailed.
  bool tls_failed = false;
  // TLS as it is demanded had begun when the session ended.
  bool in_tls = false;
  // For reports about TLS: why it failed, or why there was none; absent if there was TLS, or
  // the session did not get so far.
  std::optional<tls::TlsFault> fault = std::nullopt;
  std::string detail = {};
  // The connection can be kept, and QUIT was not said.
  bool kept = false;
  // The connection broke, or the server closed it, before it has accepted anything.
  bool untouched = false;
  // What became of each recipient, if there are several and their transaction was begun.
  std::vector<RecipientEnd> recipients = {};
};

// Delivers over a new connection in `smtp`, made with request.connection. Whoever made the
// connection below it closes it.
SessionEnd deliver(const Request& request, SmtpConnection& smtp, tls::StartTls& start_tls);

// Delivers over a connection that is open already: one that was kept after another message, for
// example.
SessionEnd deliver_again(const Request& request, SmtpConnection& smtp);

}  // namespace reqmail::remote
