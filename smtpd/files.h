// What the control files tell the servers of SMTP and QMTP. It holds for all connections and
// never changes after it is loaded, so that a server may load it once before it forks.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "smtpd/authentication_files.h"
#include "smtpd/denied_peers.h"
#include "smtpd/rcpthosts.h"
#include "smtpd/recipient_sources.h"
#include "smtpd/sender_check_files.h"

namespace reqmail::smtpd {

struct SmtpdFiles {
  std::optional<std::string> me;
  std::string greeting;                 // smtpgreeting
  std::optional<std::string> own_host;  // localiphost: takes the place of our own addresses
  // timeoutsmtpd: of each read and write, and of a command line with the replies before it
  base::Seconds timeout{0};
  std::uint64_t databytes = 0;       // 0: no limit
  std::uint64_t max_recipients = 0;  // maxrcpt; 0: no limit
  DenyFiles denied;
  RecipientFiles recipients;
  std::uint64_t max_bad_recipients = 0;  // brtlimit; 0: no limit
  std::uint64_t tarpit_count = 0;        // tarpitcount; 0: no delay
  base::Seconds tarpit_delay{0};         // tarpitdelay
  bool null_senders_denied = false;      // rejectnullsenders
  RcptHosts rcpthosts;
  std::vector<std::string> milters;          // smtpdmilters
  std::vector<std::string> policy_services;  // smtpdpolicy
  SenderCheckSwitches sender_checks;         // mfcheck, spfbehavior
  AuthenticationSwitches authentication;     // dkimverify, dmarc
  bool log = false;                          // smtpdlog
  bool enhanced_status_codes = false;  // enhancedstatuscodes: in front of replies (RFC 2034)
  bool hide_client = false;  // hideclient: Received does not show a client that has logged in
};

struct QmtpdFiles {
  RcptHosts rcpthosts;
  std::uint64_t databytes = 0;  // 0: no limit
};

// The time that a number of seconds from a file or a variable asks for: at most longer than any
// session, so that it fits the argument of poll(2).
base::Seconds session_seconds(std::uint64_t number);

// From the current directory, which is qmail's home. A Failure has the text of the client's 421
// reply.
Result<SmtpdFiles> load_smtpd_files();

// The same text, for what fails before the control files can be read.
Failure smtpd_controls_unreadable();

// From the same directory. control/me has no effect here, but must be readable if it exists.
Result<QmtpdFiles> load_qmtpd_files();

}  // namespace reqmail::smtpd
