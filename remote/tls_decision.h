// What TLS a connection to a server needs: from the files of the server (remote/tls_policy.h),
// the policy of the domain (remote/domain_policy.h) and the TLSA records of the server
// (remote/dane.h). In this order: control/tlshosts, the domain's line in control/tlspolicy,
// usable TLSA records, the policy server, and otherwise TLS if it is offered.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"
#include "net/dns.h"
#include "remote/dane.h"
#include "remote/domain_policy.h"
#include "remote/targets.h"
#include "tls/start_tls.h"

namespace reqmail::remote {

// What the control files say.
struct TlsSettings {
  PolicyTable table;
  // Domains without a line there have the level dane.
  bool dane = false;
  // Answers count as verified if the name servers say so, wherever they are.
  bool trusts_name_servers = false;
  // Directory of the CAs for level verify; empty: that of OpenSSL.
  std::string authorities;
  // Where the policy server is, as in control/tlspolicyserver; empty: there is none.
  std::string server;
  // Without its answer, mail is sent as if it knew no policy.
  bool fail_open = false;
  // The socket of the collector of reports about TLS; empty: there is none.
  std::string reports;

  // Returns whether the TLSA records of a domain's servers matter.
  [[nodiscard]] bool wants_dane(std::string_view domain) const;
};

// What a session does.
struct TlsPlan {
  // STARTTLS is said if it is offered.
  bool starttls = true;
  // Nothing is mailed without TLS; `demand` is who says so, as a report has it before the
  // address of the server.
  bool required = false;
  std::string demand;
  // The demand is that of the domain, not of control/tlshosts: another server may meet it.
  bool by_policy = false;
  // A login may be sent in clear.
  bool clear = false;
  // The policy of the domain that led to this, for reports about TLS.
  DomainPolicy policy;
  // For the handshake: server_name, trusted, trusted_directory, tlsa and names are set.
  tls::TlsRequest request;
};

// What was asked already, which another process need not ask again.
struct TlsFindings {
  // The answer of the policy server; level may if it knows no policy.
  std::optional<DomainPolicy> of_server;
  // The records of the server with this name.
  std::string dane_name;
  std::optional<DaneRecords> dane;
};

class TlsDecision {
 public:
  // Asks the policy server for the policy of a domain.
  using AskServer = std::function<Result<DomainPolicy>(const std::string& domain)>;

  // The first three must outlive the object. `domain` is the one that mail is for, `port` that
  // of its servers.
  TlsDecision(const TlsSettings& settings, const net::Dns& dns, const std::string& domain,
              std::uint16_t port, AskServer ask, TlsFindings findings = {})
      : settings_(settings),
        dns_(dns),
        domain_(domain),
        port_(port),
        ask_(std::move(ask)),
        findings_(std::move(findings)) {}

  // Returns the plan for a server. A Failure, for the report, means that it is not to be used.
  Result<TlsPlan> plan(const Target& target);

  // What has been found out about the last server and about the domain.
  [[nodiscard]] const TlsFindings& findings() const { return findings_; }

 private:
  Result<DomainPolicy> policy_for(const Target& target);
  Result<DomainPolicy> policy_of_server();
  const DaneRecords& records_of(const Target& target);
  // Changes the policy as the records of the server say.
  Result<void> apply_dane(const Target& target, bool by_line, DomainPolicy& policy);

  const TlsSettings& settings_;
  const net::Dns& dns_;
  const std::string& domain_;
  std::uint16_t port_;
  AskServer ask_;
  TlsFindings findings_;
  std::optional<Failure> server_failure_;
};

}  // namespace reqmail::remote
