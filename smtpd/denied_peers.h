// Makes the lists of proto/deny_list for qmail-smtpd from control files and the environment of
// a connection.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bad_line.h"
#include "control/files.h"
#include "proto/mail_policy.h"

namespace reqmail::smtpd {

// The lines of the files; the environment of a connection decides how they are interpreted.
struct DenyFiles {
  struct Lines {
    std::string_view file;  // below control/
    std::vector<std::string> lines;
  };

  std::vector<Lines> senders;
  std::vector<Lines> senders_norelay;
  std::vector<Lines> recipients;
  std::vector<Lines> recipients_norelay;
  std::vector<Lines> helo;
  std::vector<Lines> helo_norelay;
  bool expressions = false;  // qregex

  static DenyFiles load(control::ControlFiles& control);
};

struct DenyEnvironment {
  std::optional<bool> expressions;  // QREGEX
  bool lines_are_logged = false;    // LOGREGEX
  bool senders_off = false;         // DISABLE_BADMAILFROM
  bool helo_off = false;            // NOBADHELO
};

DenyEnvironment deny_environment();

// Appends a message to `faults` for each malformed line.
proto::DeniedPeers denied_peers(const DenyFiles& files, const DenyEnvironment& environment,
                                std::vector<std::string>& faults);

// Compiles the expressions of proto/deny_list with sys/regex.
Result<std::unique_ptr<proto::Expression>> compile_expression(const std::string& expression);

}  // namespace reqmail::smtpd
