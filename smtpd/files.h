// The settings that the servers of SMTP and QMTP read from control files. They apply to all
// connections and never change after they are loaded, so that a server may load them once
// before it forks.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "control/files.h"
#include "control/rcpthosts.h"
#include "net/local_addresses.h"
#include "proto/smtp_server_settings.h"
#include "smtpd/authentication_files.h"
#include "smtpd/denied_peers.h"
#include "smtpd/recipient_sources.h"
#include "smtpd/sender_check_files.h"

namespace reqmail::smtpd {

// 0 means that there is no limit.
struct MailLimits {
  std::uint64_t databytes = 0;
  std::uint64_t max_recipients = 0;      // maxrcpt
  std::uint64_t max_bad_recipients = 0;  // brtlimit
};

// How clients may write this host in an address.
struct OwnHost {
  std::optional<std::string> name;    // localiphost: replaces this host's addresses
  net::AddressCorrections addresses;  // moreipme, notipme
  bool ipv6_literals = false;         // ipversions has 6
};

struct SmtpdFiles {
  std::optional<std::string> me;
  std::string greeting;  // smtpgreeting
  OwnHost own_host;
  // timeoutsmtpd: the limit for each read and write, and for a command line together with the
  // replies before it
  base::Seconds timeout{0};
  MailLimits limits;
  DenyFiles denied;
  RecipientFiles recipients;
  proto::Tarpit tarpit;              // tarpitcount, tarpitdelay
  bool null_senders_denied = false;  // rejectnullsenders
  control::RcptHosts rcpthosts;
  std::vector<std::string> milters;          // smtpdmilters
  std::vector<std::string> policy_services;  // smtpdpolicy
  SenderCheckSwitches sender_checks;         // mfcheck, spfbehavior
  AuthenticationSwitches authentication;     // dkimverify, dmarc, keys
  bool log = false;                          // smtpdlog
  proto::AnnouncedExtensions extensions;     // enhancedstatuscodes, dsn, smtputf8
  std::string srs_domain;                    // srs_domain, in A-labels with smtputf8
  bool hide_client = false;  // hideclient: Received does not show a client that has logged in
  // Knows which control files there are, for those that only some sessions need.
  control::ControlFiles others = control::ControlFiles();
};

struct QmtpdFiles {
  control::RcptHosts rcpthosts;
  std::uint64_t databytes = 0;  // 0: no limit
};

// Returns the time for a number of seconds from a file or a variable. It is limited, so that it
// fits into the argument of poll(2), but longer than any session.
base::Seconds session_seconds(std::uint64_t number);

// Reads the files below the current directory, which is qmail's home. The text of a Failure is
// what the 421 reply to the client says.
Result<SmtpdFiles> load_smtpd_files();

// The same in two steps, for a listener that reads the files for the sessions that it forks:
// each session opens the databases itself, since it does not get the listener's descriptors.
Result<SmtpdFiles> load_shared_smtpd_files();
Result<void> open_databases(SmtpdFiles& files);

// Returns a Failure with the same text, for errors that happen before the control files can be
// read.
Failure smtpd_controls_unreadable();

// Reads the files below the same directory. control/me has no effect here, but must be readable
// if it exists.
Result<QmtpdFiles> load_qmtpd_files();

}  // namespace reqmail::smtpd
