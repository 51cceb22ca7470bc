#include "smtpd/log.h"

#include <unistd.h>

#include <utility>

#include "sys/stream.h"

namespace reqmail::smtpd {

SmtpdLog::SmtpdLog(bool wanted, proto::SmtpLogEnds ends) {
  if (wanted) {
    ends_ = std::move(ends);
  }
}

void SmtpdLog::write(const proto::SmtpServer& session, const proto::SmtpStep& step) const {
  if (ends_ && step.event) {
    const std::string line = proto::smtp_log_line(session, *ends_, step.reply, *step.event);
    (void)sys::write_all(STDERR_FILENO, line);
  }
}

}  // namespace reqmail::smtpd
