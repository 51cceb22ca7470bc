// The session log of qmail-smtpd on standard error: nothing unless control/smtpdlog says
// "qlog".
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "proto/smtp_log.h"

namespace reqmail::smtpd {

class SmtpdLog {
 public:
  // `wanted` false: every call does nothing.
  SmtpdLog(bool wanted, proto::SmtpLogEnds ends);

  [[nodiscard]] bool wanted() const { return ends_.has_value(); }

  // The event of a step and its reply, if it has one.
  void write(const proto::SmtpServer& session, const proto::SmtpStep& step) const;

 private:
  std::optional<proto::SmtpLogEnds> ends_;
};

}  // namespace reqmail::smtpd
