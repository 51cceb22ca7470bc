// The settings of the checks of clients and senders in the DNS, from control files and
// environment: mfcheck, SPF (spf*), lists of clients (dnsbl*). A variable has precedence over
// its file.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/bad_line.h"
#include "base/result.h"
#include "base/time.h"
#include "control/files.h"
#include "proto/dns_lists.h"
#include "proto/mail_policy.h"
#include "smtpd/judge_client.h"

namespace reqmail::smtpd {

// The control files that switch checks on; they apply to all connections.
struct SenderCheckSwitches {
  std::uint64_t mfcheck = 0;
  std::uint64_t spfbehavior = 0;
};

// The variables that replace them.
struct SenderCheckEnvironment {
  std::optional<std::string> mfcheck;          // MFCHECK, else MFDNSCHECK
  std::optional<std::string> spfbehavior;      // SPFBEHAVIOR, else SPF
  std::optional<std::string> dnsbllist;        // DNSBLLIST: another file
  bool dnsblskip = false;                      // DNSBLSKIP
  std::optional<std::string> dnsblfailclosed;  // DNSBLFAILCLOSED
  std::optional<std::string> rblsmtpd;         // RBLSMTPD
  std::optional<std::string> dmarc;            // DMARC
};

SenderCheckEnvironment sender_check_environment();

// Everything that a session needs for these checks.
struct SenderCheckFiles {
  proto::SenderCheckSettings settings;
  std::vector<proto::DnsList> lists;
  std::vector<std::string> faults;  // malformed lines, from base::bad_line_message()
  bool errors_refuse = false;       // dnsblfailclosed
  std::string spf_rules;
  std::string spf_guess;
  std::string spf_explanation;
  base::Seconds limit{0};   // timeoutdns
  bool asks_judge = false;  // there may be something to ask qmail-mailauth
  JudgePlace judge;         // mailauthsocket; the socket of the process is the caller's to add
};

// What the authentication of messages needs from these checks.
struct AuthenticationNeeds {
  bool spf = false;      // DMARC needs the result of SPF
  bool lookups = false;  // messages are judged, which needs the DNS
};

// Returns what is wrong with the line of control/spfrules or control/spfguess; nullopt if
// nothing is.
std::optional<base::BadLine> fault_of_spf_rules(const std::string& line);

// Reads the files that the switches need, by means of `files`. The text of a Failure is what the
// 421 reply to the client says.
Result<SenderCheckFiles> load_sender_check_files(control::ControlFiles& files,
                                                 const SenderCheckSwitches& switches,
                                                 const SenderCheckEnvironment& environment,
                                                 const AuthenticationNeeds& needs);

}  // namespace reqmail::smtpd
