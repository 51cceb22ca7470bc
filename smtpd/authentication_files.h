// What control files and environment say about the authentication of messages: dkimverify,
// dmarc*, arctrusted, authservid, authresultsuser. A variable wins over its file.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "judge/message_protocol.h"
#include "proto/dmarc_exemptions.h"

namespace reqmail::smtpd {

// The switches among the control files, which hold for all connections.
struct AuthenticationSwitches {
  std::uint64_t dkimverify = 0;
  std::optional<std::string> dmarc;
};

struct AuthenticationFiles {
  bool dkim = false;  // DKIM and ARC are judged
  judge::DmarcMode dmarc = judge::DmarcMode::off;
  bool errors_refuse = false;  // dmarcfailclosed
  proto::DmarcExemptions exemptions;
  std::vector<std::string> trusted_sealers;  // arctrusted
  std::string service;                       // authservid
  bool show_user = false;                    // authresultsuser
  std::vector<std::string> faults;  // lines that have no effect, as base::bad_line_message()
};

// The mode that DMARC is in: the variable of this name, else control/dmarc. Off if it is no
// mode.
judge::DmarcMode dmarc_mode(const AuthenticationSwitches& switches,
                            const std::optional<std::string>& variable);

// Reads what is needed, from the current directory, which is qmail's home. `spf`: SPF is looked
// at. A Failure has the text of the client's 421 reply.
Result<AuthenticationFiles> load_authentication_files(
    const AuthenticationSwitches& switches, const std::optional<std::string>& dmarc_variable,
    bool spf);

}  // namespace reqmail::smtpd
