// What control files and the environment say about the protocol of a session.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/time.h"
#include "proto/mail_policy.h"
#include "proto/smtp_auth.h"

namespace reqmail::proto {

// Those that EHLO announces only if a control file says so.
struct AnnouncedExtensions {
  bool enhanced_status_codes =
      false;          // control/enhancedstatuscodes: at the beginning of replies
  bool dsn = false;   // control/dsn: clients may ask for reports
  bool utf8 = false;  // control/smtputf8
};

// After `count` RCPT commands in a transaction, each further one is answered after the delay; a
// count of 0 means that there is no delay.
struct Tarpit {
  std::uint64_t count = 0;
  base::Seconds delay{0};
};

struct SmtpServerSettings {
  std::string greeting;                 // control/smtpgreeting
  std::optional<std::string> own_host;  // control/localiphost: replaces this host's addresses
  bool ipv6_literals = false;  // control/ipversions has 6: their literals may be of this host
  AnnouncedExtensions extensions;
  SmtpAuthPolicy auth;
  // The constructor of SmtpState adds what `auth` requires to this policy.
  MailPolicySettings policy;
  Tarpit tarpit;
};

}  // namespace reqmail::proto
