#include "remote/main.h"

#include <unistd.h>

#include <string>
#include <utility>
#include <vector>

#include "mail/dsn.h"
#include "net/dns_libresolv.h"
#include "net/dns_servers.h"
#include "remote/attempt.h"
#include "remote/recipient_report.h"
#include "remote/settings.h"
#include "remote/shared_slots.h"
#include "remote/tls_by_exec.h"
#include "sys/env.h"
#include "sys/exits.h"
#include "sys/program.h"
#include "sys/stream.h"

namespace reqmail::remote {

namespace {

constexpr int kHostArgument = 1;
constexpr int kSenderArgument = 2;
constexpr int kFirstRecipient = 3;

// What name servers say of verification counts if nobody else can say it in their place.
void prepare_dns(const TlsSettings& tls, const std::string& host, net::SystemDns& dns) {
  if (!tls.wants_dane(host)) {
    return;
  }
  if (!tls.trusts_name_servers) {
    const auto servers = net::system_dns_servers();
    if (!servers || !net::all_on_this_host(*servers)) {
      return;
    }
  }
  dns.believe_verification();
}

// Returns what the sender wants to be told, which the environment has.
mail::DsnRequest wanted_reports() {
  const auto text = sys::environment_value("QMAILDSN");
  return (text ? mail::parse_dsn_text(*text) : std::nullopt).value_or(mail::DsnRequest());
}

std::string deliver(int argc, char** argv, const MakeRemoteTls& make_tls) {
  if (argc <= kFirstRecipient) {
    return failure_report(invoked_improperly());
  }
  if (!sys::Program::enter_home()) {
    return failure_report(temporary("Unable to switch to home directory. (#4.3.0)"));
  }
  const Delivery delivery{argv[kHostArgument], argv[kSenderArgument],
                          std::vector<std::string>(argv + kFirstRecipient, argv + argc),
                          STDIN_FILENO, wanted_reports()};
  const auto tls = make_tls();
  net::SystemDns dns;
  auto slots = inherited_remote_slots();
  const Surroundings surroundings{dns, "queue/lock/tcpto", ::getpid(), *tls,
                                  slots ? &*slots : nullptr};
  auto handover = take_remote_handover();
  if (!handover) {
    return failure_report(temporary("Unable to take the connection over. (#4.3.0)"));
  }
  if (*handover) {
    const auto later = read_delivery_settings();
    if (!later) {
      return failure_report(later.error());
    }
    prepare_dns(later->tls, delivery.host, dns);
    return resume(**std::move(handover), *later, delivery, surroundings);
  }
  const auto settings = read_remote_settings();
  if (!settings) {
    return failure_report(settings.error());
  }
  prepare_dns(settings->delivery.tls, delivery.host, dns);
  return attempt(*settings, delivery, surroundings);
}

}  // namespace

void remote_main(int argc, char** argv, const MakeRemoteTls& make_tls) {
  const std::string report = deliver(argc, argv, make_tls);
  const bool written = sys::write_all(STDOUT_FILENO, report).has_value();
  sys::finish(written ? sys::kExitSuccess : sys::kExitTemporary);
}

}  // namespace reqmail::remote
