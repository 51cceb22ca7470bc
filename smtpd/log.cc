#include "smtpd/log.h"

#include <unistd.h>

#include <algorithm>
#include <utility>

#include "sys/stream.h"

namespace reqmail::smtpd {

namespace {

std::string_view reason_of(const proto::SmtpOutcome& outcome) {
  if (outcome.too_many_hops) {
    return "hops";
  }
  if (outcome.too_large) {
    return "size";
  }
  return outcome.queued ? "queued" : "queue";
}

std::string with_commas(const std::string& recipients) {
  std::string text = recipients.substr(0, recipients.empty() ? 0 : recipients.size() - 1);
  std::replace(text.begin(), text.end(), '\0', ',');
  return text;
}

}  // namespace

SmtpdLog::SmtpdLog(bool wanted, proto::SmtpLogEnds ends) {
  if (wanted) {
    ends_ = std::move(ends);
  }
}

void SmtpdLog::refused(const proto::SmtpServer& session, std::string_view sender,
                       const proto::SmtpStep& step) {
  if (!ends_ || !step.refusal) {
    return;
  }
  proto::SmtpLogEvent event;
  event.reply = step.reply;
  event.reason = step.refusal->reason;
  event.sender = step.refusal->at_mail ? std::string_view(step.refusal->address) : sender;
  if (!step.refusal->at_mail) {
    event.recipients = step.refusal->address;
  }
  write(session, event);
}

void SmtpdLog::ended(const proto::SmtpServer& session,
                     const proto::SmtpTransaction& transaction,
                     const proto::SmtpOutcome& outcome, std::string_view reply,
                     std::uint64_t size) {
  if (!ends_) {
    return;
  }
  proto::SmtpLogEvent event;
  event.at_end_of_data = true;
  event.reply = reply;
  event.reason = reason_of(outcome);
  event.sender = transaction.sender;
  event.recipients = with_commas(transaction.recipients);
  event.size = size;
  event.queue_process = outcome.process;
  write(session, event);
}

void SmtpdLog::write(const proto::SmtpServer& session, const proto::SmtpLogEvent& event) {
  (void)sys::write_all(STDERR_FILENO, proto::smtp_log_line(session, *ends_, event));
}

}  // namespace reqmail::smtpd
