// What qmail-smtpd writes to standard error: the session log, which "qlog" in control/smtpdlog
// switches on, and lines that do not depend on it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "proto/smtp_log.h"

namespace reqmail::smtpd {

// Writes "qmail-smtpd[PID]: LINE" for each line.
void log_lines(const std::vector<std::string>& lines);

class SmtpdLog {
 public:
  // If `wanted` is false, no line is ever written.
  SmtpdLog(bool wanted, proto::SmtpLogEnds ends);

  [[nodiscard]] bool wanted() const { return ends_.has_value(); }

  // Writes the event of a step together with its reply, if the step has an event.
  void write(const proto::SmtpServer& session, const proto::SmtpStep& step) const;

 private:
  std::optional<proto::SmtpLogEnds> ends_;
};

}  // namespace reqmail::smtpd
