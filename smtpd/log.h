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

  // A refusal before the message, with its reply.
  void refused(const proto::SmtpServer& session, std::string_view sender,
               const proto::SmtpStep& step);

  // The end of a message.
  void ended(const proto::SmtpServer& session, const proto::SmtpTransaction& transaction,
             const proto::SmtpOutcome& outcome, std::string_view reply, std::uint64_t size);

 private:
  void write(const proto::SmtpServer& session, const proto::SmtpLogEvent& event);

  std::optional<proto::SmtpLogEnds> ends_;
};

}  // namespace reqmail::smtpd
