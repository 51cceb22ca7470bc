// The settings of the authentication of messages, from control files and environment:
// dkimverify, dmarc*, arctrusted, authservid, authresultsuser. A variable has precedence over
// its file.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/bad_line.h"
#include "base/result.h"
#include "control/files.h"
#include "judge/message_protocol.h"
#include "proto/dmarc_exemptions.h"

namespace reqmail::smtpd {

// The control files that switch authentication on; they apply to all connections.
struct AuthenticationSwitches {
  std::uint64_t dkimverify = 0;
  std::optional<std::string> dmarc;
  // There are keys to sign with: qmail-sign believes the Authentication-Results of this host.
  bool signs = false;
};

struct AuthenticationFiles {
  bool dkim = false;  // DKIM and ARC are judged
  // Fields that claim to be this host's are removed even if nothing is judged.
  bool removes_forged = false;
  judge::DmarcMode dmarc = judge::DmarcMode::off;
  bool errors_refuse = false;  // dmarcfailclosed
  proto::DmarcExemptions exemptions;
  std::vector<std::string> trusted_sealers;  // arctrusted
  std::string service;                       // authservid
  bool show_user = false;                    // authresultsuser
  std::vector<std::string> faults;           // malformed lines, from base::bad_line_message()
};

// Returns the mode of DMARC, from the variable of this name or else control/dmarc. It is off if
// the value is not a mode.
judge::DmarcMode dmarc_mode(const AuthenticationSwitches& switches,
                            const std::optional<std::string>& variable);

// Returns what is wrong with the line of control/dmarc; nullopt if nothing is.
std::optional<base::BadLine> fault_of_dmarc(const std::string& word);

// Reads the files that are needed, by means of `files`. `spf` says whether SPF is used. The text
// of a Failure is what the 421 reply to the client says.
Result<AuthenticationFiles> load_authentication_files(
    control::ControlFiles& files, const AuthenticationSwitches& switches,
    const std::optional<std::string>& dmarc_variable, bool spf);

}  // namespace reqmail::smtpd
