// What control files and environment say about checks of clients and senders in the DNS:
// mfcheck, SPF (spf*), lists of clients (dnsbl*). A variable wins over its file.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "proto/dns_lists.h"
#include "proto/mail_policy.h"

namespace reqmail::smtpd {

// The switches among the control files, which hold for all connections.
struct SenderCheckSwitches {
  std::uint64_t mfcheck = 0;
  std::uint64_t spfbehavior = 0;
};

// What the environment says in their place.
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

// All that a session needs to know for these checks.
struct SenderCheckFiles {
  proto::SenderCheckSettings settings;
  std::vector<proto::DnsList> lists;
  std::vector<std::string> faults;  // lines that have no effect, as base::bad_line_message()
  bool errors_refuse = false;       // dnsblfailclosed
  std::string spf_rules;
  std::string spf_guess;
  std::string spf_explanation;
  base::Seconds limit{0};  // timeoutdns
};

// What the authentication of messages needs.
struct AuthenticationNeeds {
  bool spf = false;      // DMARC has to know what SPF says, whether that refuses or not
  bool lookups = false;  // messages are judged, for which the DNS is asked
};

// Reads what the switches need, from the current directory, which is qmail's home. A Failure has
// the text of the client's 421 reply.
Result<SenderCheckFiles> load_sender_check_files(const SenderCheckSwitches& switches,
                                                 const SenderCheckEnvironment& environment,
                                                 const AuthenticationNeeds& needs);

}  // namespace reqmail::smtpd
