#include "remote/main.h"

#include <unistd.h>

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "mail/dsn.h"
#include "mail/verdict_codec.h"
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

constexpr std::size_t kHostArgument = 1;
constexpr std::size_t kSenderArgument = 2;
constexpr std::size_t kFirstRecipient = 3;

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

// `before` is what another program has begun.
std::string deliver(const Task& task, Result<std::optional<Handover>> before) {
  const std::vector<std::string>& arguments = task.arguments;
  if (arguments.size() <= kFirstRecipient) {
    return failure_report(invoked_improperly());
  }
  if (!sys::Program::enter_home()) {
    return failure_report(temporary("Unable to switch to home directory. (#4.3.0)"));
  }
  const Delivery delivery{
      arguments[kHostArgument], arguments[kSenderArgument],
      std::vector<std::string>(arguments.begin() + kFirstRecipient, arguments.end()),
      task.message, wanted_reports()};
  const auto tls = task.make_tls();
  net::SystemDns dns;
  auto slots = inherited_remote_slots();
  const Surroundings surroundings{
      dns,       "queue/lock/tcpto", ::getpid(), *tls, slots ? &*slots : nullptr,
      task.kept, task.ends,          task.stay};
  if (!before) {
    return failure_report(temporary("Unable to take the connection over. (#4.3.0)"));
  }
  if (*before) {
    const auto later = read_delivery_settings();
    if (!later) {
      return failure_report(later.error());
    }
    prepare_dns(later->tls, delivery.host, dns);
    return resume(**std::move(before), *later, delivery, surroundings);
  }
  const auto settings = read_remote_settings();
  if (!settings) {
    return failure_report(settings.error());
  }
  prepare_dns(settings->delivery.tls, delivery.host, dns);
  return attempt(*settings, delivery, surroundings);
}

}  // namespace

sys::ProgramStart remote_start() {
  return {
      .out_of_memory = sys::kExitSuccess,
      .out_of_memory_fd = STDOUT_FILENO,
      .out_of_memory_text = mail::kRemoteOutOfMemory,
      .holds_secrets = true,
  };
}

std::string deliver_once(const Task& task) {
  return deliver(task, take_remote_handover());
}

std::string resume_once(Handover handover, const Task& task) {
  return deliver(task, std::optional(std::move(handover)));
}

void remote_main(int argc, char** argv, const MakeRemoteTls& make_tls,
                 Result<std::optional<Handover>> before) {
  const std::string report = deliver(
      {std::vector<std::string>(argv, argv + argc), STDIN_FILENO, make_tls}, std::move(before));
  const bool written = sys::write_all(STDOUT_FILENO, report).has_value();
  sys::finish(written ? sys::kExitSuccess : sys::kExitTemporary);
}

}  // namespace reqmail::remote
