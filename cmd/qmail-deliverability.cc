// qmail-deliverability check [DOMAIN...]: asks the DNS what receivers of mail from this host
// will ask, and says what to publish (qmail-deliverability(8)).
//
// Runs as: root, or who may read the keys for DKIM and the certificates
// Reads: control/ me, helohost, defaulthost and others; keys for DKIM; certificates; answers of name servers
// Writes: the report on descriptor 1, error messages on 2
// Executes: bin/qmail-idna, for a domain with U-labels
// Trusts: no name server
// Exits: 0 1 2 3, as monitoring plugins do

#include <unistd.h>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth822/dns_facts.h"
#include "base/ascii.h"
#include "base/number.h"
#include "base/text.h"
#include "control/idna_program.h"
#include "dnscheck/domain_checks.h"
#include "dnscheck/host_checks.h"
#include "dnscheck/own_facts.h"
#include "dnscheck/resolver_answers.h"
#include "mail/idna.h"
#include "mail/idna_conversion.h"
#include "net/dns_servers.h"
#include "sys/program.h"
#include "sys/stream.h"
#include "sys/usage.h"

namespace {

namespace base = reqmail::base;
namespace dnscheck = reqmail::dnscheck;
namespace sys = reqmail::sys;

constexpr std::string_view kUsage =
    "qmail-deliverability: usage: qmail-deliverability check [--json] [--address=ADDRESS]... "
    "[--timeout=SECONDS] "
    "[DOMAIN...]\n";
constexpr unsigned kTimeout = 30;
constexpr unsigned kTimeoutMax = 600;

struct Request {
  bool json = false;
  std::vector<base::IpAddress> addresses;
  std::chrono::seconds timeout{kTimeout};
  std::vector<std::string> domains;
};

[[noreturn]] void die(std::string_view text) {
  (void)sys::write_all(STDERR_FILENO, base::concat({"qmail-deliverability: ", text, "\n"}));
  sys::finish(dnscheck::exit_code(dnscheck::Status::unknown));
}

[[noreturn]] void usage() {
  (void)sys::write_all(STDERR_FILENO, kUsage);
  sys::finish(dnscheck::exit_code(dnscheck::Status::unknown));
}

// The value of an option "--name=value".
std::optional<std::string_view> value_of(std::string_view argument, std::string_view option) {
  if (!argument.starts_with(option)) {
    return std::nullopt;
  }
  return argument.substr(option.size());
}

// Returns a domain as it is looked up: with A-labels, without a dot at its end.
std::string domain_in(std::string_view argument) {
  const auto domain = reqmail::mail::to_a_labels(argument);
  if (!domain || !reqmail::auth822::is_domain(*domain)) {
    die(base::concat({base::printable(argument), " is no domain"}));
  }
  return reqmail::auth822::question(reqmail::auth822::RecordType::txt, *domain).name;
}

void take(std::string_view argument, Request& request) {
  if (argument == "--json") {
    request.json = true;
  } else if (const auto text = value_of(argument, "--address=")) {
    const auto address = base::IpAddress::parse(*text);
    if (!address) {
      die(base::concat({base::printable(*text), " is no IP address"}));
    }
    request.addresses.push_back(*address);
  } else if (const auto limit = value_of(argument, "--timeout=")) {
    const auto seconds = base::parse_u64(*limit);
    if (!seconds || *seconds == 0 || *seconds > kTimeoutMax) {
      die("--timeout takes 1 to 600 seconds");
    }
    request.timeout = std::chrono::seconds(*seconds);
  } else if (argument.starts_with('-')) {
    usage();
  } else {
    request.domains.push_back(domain_in(argument));
  }
}

Request parse(int argc, char** argv) {
  if (argc < 2 || std::string_view(argv[1]) != "check") {
    usage();
  }
  Request request;
  for (int i = 2; i < argc; ++i) {
    take(argv[i], request);
  }
  return request;
}

dnscheck::Report check(const std::string& domain, const dnscheck::Host& host,
                       dnscheck::Answers& answers) {
  const auto subject = dnscheck::read_subject(domain, host);
  if (!subject) {
    die(subject.error().text);
  }
  dnscheck::Report report(domain);
  dnscheck::check_reverse_names(host, answers, report);
  dnscheck::check_hello_names(host, answers, report);
  dnscheck::check_lists(host, answers, report);
  dnscheck::check_exchangers(*subject, answers, report);
  dnscheck::check_sender_policy(*subject, answers, report);
  dnscheck::check_signing_keys(*subject, answers, report);
  dnscheck::check_dmarc(*subject, answers, report);
  dnscheck::check_transport_policy(*subject, answers, report);
  dnscheck::check_tlsa(*subject, answers, report);
  return report;
}

}  // namespace

int main(int argc, char** argv) {
  const sys::Program program({.holds_secrets = true});
  sys::answer_help(argc, argv, kUsage);
  reqmail::mail::convert_u_labels_by(reqmail::control::convert_by_program);
  Request request = parse(argc, argv);
  if (!sys::Program::enter_home()) {
    die("unable to enter qmail's home");
  }
  if (request.domains.empty()) {
    const auto domain = dnscheck::default_domain();
    if (!domain) {
      die(domain.error().text);
    }
    request.domains.push_back(*domain);
  }
  const auto host = dnscheck::read_host(request.addresses);
  if (!host) {
    die(host.error().text);
  }
  auto servers = reqmail::net::system_dns_servers();
  if (!servers) {
    die(servers.error().text);
  }
  dnscheck::ResolverAnswers answers(*std::move(servers), request.timeout);
  dnscheck::Status worst = dnscheck::Status::ok;
  std::string text;
  for (const std::string& domain : request.domains) {
    const dnscheck::Report report = check(domain, *host, answers);
    worst = dnscheck::worse(worst, report.status());
    text += request.json ? report.json() : report.text();
  }
  if (!sys::write_all(STDOUT_FILENO, text)) {
    die("unable to write the report");
  }
  sys::finish(dnscheck::exit_code(worst));
}
