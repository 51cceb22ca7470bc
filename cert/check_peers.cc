// The part of qmail-cert check that concerns peers: the CAs of clients and servers, revocation
// lists, qmail-remote's own certificate, and ticket keys.
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <optional>

#include "base/ascii.h"
#include "base/number.h"
#include "base/text.h"
#include "base/wipe.h"
#include "cert/dates.h"
#include "cert/findings.h"
#include "cert/names.h"
#include "cert/place.h"
#include "control/file_name.h"
#include "sys/directory.h"
#include "sys/error.h"
#include "sys/file.h"
#include "tls/context.h"
#include "tls/pem_file.h"

namespace reqmail::cert {

namespace {

constexpr const char* kClientCa = control::path("clientca.pem");
constexpr const char* kClientRevocations = control::path("clientcrl.pem");
constexpr const char* kRelayClients = control::path("tlsclients");
constexpr const char* kRemoteHosts = control::path("tlshosts");
// The certificate of qmail-remote.
constexpr std::string_view kClientPair = control::path("clientcert.pem");
constexpr std::string_view kPemSuffix = ".pem";
constexpr base::Seconds kTicketAgeMax{std::int64_t{7} * 86400};

// Returns the certificates of a file without secrets; nullopt, with a finding, if it cannot be
// used.
std::optional<std::vector<tls::CertificateFacts>> load_authorities(Findings& findings,
                                                                   const std::string& path,
                                                                   const std::string& effect) {
  const auto text = sys::read_file(path, kPemLimit);
  const auto parsed = text ? tls::PemFile::parse(*text) : Result<tls::PemFile>(text.error());
  std::string fault;
  if (!text) {
    fault = base::concat({"unable to read it: ", sys::error_text(text.error().error)});
  } else if (!parsed) {
    fault = parsed.error().text;
  } else if (parsed->certificates().empty()) {
    fault = "it has no certificate";
  }
  if (!fault.empty()) {
    findings.add(Level::wrong, path, base::concat({fault, "; ", effect}),
                 "put certificates of CAs there, in PEM");
    return std::nullopt;
  }
  return parsed->certificates();
}

void check_authorities(Findings& findings, const std::string& path,
                       const std::vector<tls::CertificateFacts>& certificates,
                       const CheckOptions& options) {
  const bool all_ended = std::all_of(certificates.begin(), certificates.end(),
                                     [&](const auto& one) { return one.ends <= options.now; });
  for (const tls::CertificateFacts& one : certificates) {
    if (one.ends <= options.now && !all_ended) {
      findings.add(
          Level::note, path,
          base::concat({"the certificate of ", one.subject, " ended ", time_text(one.ends)}),
          "take it out");
    } else {
      check_dates(findings, path, one, options, "put the CA's present certificate there");
    }
  }
  if (!all_ended) {
    findings.add(Level::fine, path,
                 base::concat({base::decimal(certificates.size()), " certificates"}));
  }
}

void check_revocations(Findings& findings, const CheckOptions& options,
                       const std::vector<tls::CertificateFacts>& authorities) {
  const auto text = sys::read_file(kClientRevocations, kPemLimit);
  if (!text && text.error().error == ENOENT) {
    return;
  }
  const auto lists = text ? tls::parse_revocations(*text)
                          : Result<std::vector<tls::RevocationFacts>>(text.error());
  constexpr char kRemedy[] = "get the CA's present list and put it there";
  if (!lists) {
    findings.add(Level::wrong, kClientRevocations,
                 base::concat({lists.error().text, "; STARTTLS is answered with 454"}),
                 kRemedy);
    return;
  }
  check_readable(findings, kClientRevocations, kServer);
  for (const tls::RevocationFacts& list : *lists) {
    const std::string what = base::concat({"the list of ", list.issuer});
    if (list.ends && *list.ends <= options.now) {
      findings.add(Level::wrong, kClientRevocations,
                   base::concat({what, " ended ", time_text(*list.ends),
                                 ": no certificate of a client counts"}),
                   kRemedy);
    } else if (list.ends &&
               days_between(options.now, *list.ends) < std::int64_t{options.days} / 2) {
      findings.add(Level::warning, kClientRevocations,
                   base::concat({what, " ends ", time_text(*list.ends)}), kRemedy);
    }
  }
  for (const tls::CertificateFacts& authority : authorities) {
    if (std::none_of(lists->begin(), lists->end(),
                     [&](const auto& list) { return list.issuer == authority.subject; })) {
      findings.add(
          Level::warning, kClientRevocations,
          base::concat({"there is no list of ", authority.subject,
                        ": no certificate from there counts, since each is looked up"}),
          "add the list of that CA");
    }
  }
}

void check_host_file(Findings& findings, const std::string& name, const CheckOptions& options) {
  const std::string path = base::concat({kRemoteHosts, "/", name});
  const std::string_view host =
      std::string_view(name).substr(0, name.size() - kPemSuffix.size());
  if (!is_certificate_name(host) || host.front() == '*' || host != base::lower(host)) {
    findings.add(Level::warning, path,
                 "no host has this name in lower case, so it does nothing",
                 base::concat({"rename it to the mail exchanger's name, with ", kPemSuffix}));
  }
  const auto found =
      load_authorities(findings, path, base::concat({"mail to ", host, " is deferred"}));
  if (found) {
    check_readable(findings, path, kClient);
    check_authorities(findings, path, *found, options);
  }
}

void check_hosts(Findings& findings, const CheckOptions& options) {
  auto names = sys::list_directory(kRemoteHosts);
  if (!names) {
    if (names.error().error != ENOENT) {
      findings.add(Level::wrong, kRemoteHosts,
                   base::concat({"unable to read it: ", sys::error_text(names.error().error)}));
    }
    return;
  }
  std::sort(names->begin(), names->end());
  for (const std::string& name : *names) {
    if (name.ends_with(kPemSuffix)) {
      check_host_file(findings, name, options);
    }
  }
}

void check_own_pair(Findings& findings, const CheckOptions& options) {
  const std::string path(kClientPair);
  auto text = sys::read_file(path, kPemLimit);
  if (!text && text.error().error == ENOENT) {
    return;
  }
  const auto pair = text ? tls::PemFile::parse(*text) : Result<tls::PemFile>(text.error());
  if (text) {
    base::wipe(*text);
  }
  if (!pair || pair->certificates().empty() || !pair->is_for_key_of(*pair)) {
    findings.add(Level::warning, path,
                 base::concat({pair ? "it has no certificate with its key"
                                    : std::string_view(pair.error().text),
                               "; it is not shown to servers"}),
                 "put certificate, chain and key there, in PEM, or remove it");
    return;
  }
  check_secret(findings, path, kClient);
  const tls::CertificateFacts& facts = pair->certificates().front();
  check_dates(findings, path, facts, options, "put a new pair there, or remove it");
  findings.add(Level::fine, path,
               base::concat({facts.subject, ", until ", time_text(facts.ends)}));
}

}  // namespace

void check_clients(Findings& findings, const CheckOptions& options) {
  const bool have_clients = sys::status(kRelayClients).has_value();
  const bool have_authorities = sys::status(kClientCa).has_value();
  if (have_clients && !have_authorities) {
    findings.add(Level::warning, kRelayClients,
                 "without control/clientca.pem no client is asked for a certificate",
                 "put the CA of these clients into control/clientca.pem");
  }
  if (!have_authorities) {
    return;
  }
  if (!have_clients) {
    findings.add(Level::note, kClientCa, "without control/tlsclients it does nothing");
  }
  const auto authorities =
      load_authorities(findings, kClientCa, "STARTTLS is answered with 454");
  if (!authorities) {
    return;
  }
  check_readable(findings, kClientCa, kServer);
  check_authorities(findings, kClientCa, *authorities, options);
  check_revocations(findings, options, *authorities);
}

void check_remote(Findings& findings, const CheckOptions& options) {
  check_own_pair(findings, options);
  check_hosts(findings, options);
}

void check_tickets(Findings& findings, const CheckOptions& options) {
  const std::string path(kTicketFile);
  const auto found = sys::status(path);
  if (!found) {
    return;
  }
  const auto size = static_cast<std::size_t>(found->st_size);
  if (size == 0 || size % tls::kTicketKeySize != 0 ||
      size > tls::kTicketKeysMax * tls::kTicketKeySize) {
    findings.add(Level::warning, path, "its size is no number of keys: no session is resumed",
                 "qmail-cert tickets");
  }
  check_secret(findings, path, {sys::Account::qmaild, "root:nofiles"});
  const base::Time made = base::from_epoch(found->st_mtime);
  if (options.now - made > kTicketAgeMax) {
    findings.add(Level::warning, path,
                 base::concat({"its newest key is ",
                               base::decimal(
                                   static_cast<std::uint64_t>(days_between(made, options.now))),
                               " days old; who learns it can read all sessions since"}),
                 "run \"qmail-cert tickets\" every day, from cron");
  } else {
    findings.add(Level::fine, path, base::concat({"changed ", time_text(made)}));
  }
}

}  // namespace reqmail::cert
