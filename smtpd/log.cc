#include "smtpd/log.h"

#include <unistd.h>

#include <cstdint>
#include <utility>

#include "base/number.h"
#include "base/text.h"
#include "sys/stream.h"

namespace reqmail::smtpd {

void log_lines(const std::vector<std::string>& lines) {
  if (lines.empty()) {
    return;
  }
  const std::string process = base::decimal(static_cast<std::uint64_t>(::getpid()));
  std::string text;
  for (const std::string& line : lines) {
    text += base::concat({"qmail-smtpd[", process, "]: ", line, "\n"});
  }
  (void)sys::write_all(STDERR_FILENO, text);
}

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
