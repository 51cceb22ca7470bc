// The settings of the state machine of one SMTP connection.
#pragma once

#include <string>
#include <vector>

#include "proto/smtp_server_settings.h"
#include "smtpd/environment.h"
#include "smtpd/files.h"

namespace reqmail::smtpd {

// Returns the settings from the control files and from this connection's environment, whose
// variables have precedence. Lines without sense are added to `faults`.
proto::SmtpServerSettings server_settings(const SmtpdFiles& files,
                                          const SmtpdEnvironment& environment,
                                          proto::SmtpAuthPolicy auth,
                                          const proto::SenderCheckSettings& sender_checks,
                                          proto::RecipientCheckSettings recipients,
                                          std::vector<std::string>& faults);

}  // namespace reqmail::smtpd
