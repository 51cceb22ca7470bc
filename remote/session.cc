#include "remote/session.h"

#include "remote/recipient_report.h"
#include "remote/smtp_transaction.h"

namespace reqmail::remote {

namespace {

bool is_about_tls(const SmtpConnectionFailure& failure) {
  return failure.tls ||
         (failure.ending && (failure.ending->stage == proto::SmtpStage::no_tls ||
                             failure.ending->stage == proto::SmtpStage::starttls));
}

std::string report_of(const SmtpConnectionFailure& failure, const Request& request) {
  if (failure.ending) {
    return outcome_report(*failure.ending, request.peer, request.demand);
  }
  return failure.tls ? tls_report(*failure.tls, request.peer)
                     : broken_report(request.peer, false, failure.last_words);
}

}  // namespace

SessionEnd deliver(const Request& request, SmtpConnection& smtp, tls::StartTls& start_tls) {
  if (const auto failure = smtp.open(request.limits)) {
    SessionEnd end{report_of(*failure, request), failure->retry, is_about_tls(*failure),
                   smtp.in_tls()};
    if (end.tls_failed) {
      end.fault = failure->tls ? start_tls.fault() : tls::TlsFault::not_offered;
      end.detail = failure->tls ? failure->tls->text : std::string();
    }
    return end;
  }
  SessionEnd end = deliver_again(request, smtp);
  end.in_tls = smtp.in_tls();
  if (!end.in_tls) {
    end.fault = tls::TlsFault::not_offered;
  }
  return end;
}

SessionEnd deliver_again(const Request& request, SmtpConnection& smtp) {
  if (!smtp.prepare(request.limits)) {
    return {.report = broken_report(request.peer, false), .untouched = true};
  }
  const auto result = SmtpTransaction(smtp, request.envelope, request.message, request.signer,
                                      request.fold_lines)
                          .run();
  SessionEnd end{.report = recipient_reports(result.recipients, request.peer) +
                           report_of_end(result, request.peer)};
  if (request.envelope.recipients.size() > 1) {
    end.recipients = ends_of_group(result, request.envelope.recipients.size(), request.peer);
  }
  end.kept = request.keep && result.ending && smtp.can_go_on();
  end.untouched =
      !result.failure && result.recipients.empty() && !smtp.can_go_on() && !smtp.is_spoiled();
  if (result.ending && !end.kept) {
    smtp.quit();
  }
  return end;
}

}  // namespace reqmail::remote
