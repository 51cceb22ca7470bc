// What qmail-smtpd needs to know before it greets a client: control files and environment.
// Reading it takes nothing from the connection, so that a server may do it once before it
// forks.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "proto/smtp_server.h"
#include "smtpd/rcpthosts.h"
#include "sys/patience.h"

namespace reqmail::smtpd {

struct SmtpdConfig {
  proto::SmtpServerSettings settings;
  RcptHosts rcpthosts;
  // control/timeoutsmtpd: of each read and write, and of a command line with the replies before
  // it
  base::Seconds timeout{0};
  sys::LeastRate data_rate;          // what a client keeps up within a message
  std::vector<std::string> checker;  // of logins
  bool log = false;                  // control/smtpdlog
};

// Control files of the current directory, which is qmail's home, then DATABYTES, RELAYCLIENT
// and what AUTH asks for; `arguments` without argv[0]. A Failure has the text of the client's
// 421 reply.
Result<SmtpdConfig> load_smtpd_config(const std::vector<std::string>& arguments);

// The same text, for what fails before the control files can be read.
Failure smtpd_controls_unreadable();

}  // namespace reqmail::smtpd
