#include "remote/main.h"

#include <unistd.h>

#include <string>
#include <utility>
#include <vector>

#include "net/dns_libresolv.h"
#include "remote/attempt.h"
#include "remote/recipient_report.h"
#include "remote/settings.h"
#include "remote/shared_slots.h"
#include "remote/tls_by_exec.h"
#include "sys/exits.h"
#include "sys/program.h"
#include "sys/stream.h"

namespace reqmail::remote {

namespace {

constexpr int kHostArgument = 1;
constexpr int kSenderArgument = 2;
constexpr int kFirstRecipient = 3;

std::string deliver(int argc, char** argv, const MakeRemoteTls& make_tls) {
  if (argc <= kFirstRecipient) {
    return failure_report(invoked_improperly());
  }
  if (!sys::Program::enter_home()) {
    return failure_report(temporary("Unable to switch to home directory. (#4.3.0)"));
  }
  const Delivery delivery{argv[kHostArgument], argv[kSenderArgument],
                          std::vector<std::string>(argv + kFirstRecipient, argv + argc),
                          STDIN_FILENO};
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
    const auto addresses = read_address_settings();
    return addresses ? resume(**std::move(handover), *addresses, delivery, surroundings)
                     : failure_report(addresses.error());
  }
  const auto settings = read_remote_settings();
  if (!settings) {
    return failure_report(settings.error());
  }
  return attempt(*settings, delivery, surroundings);
}

}  // namespace

void remote_main(int argc, char** argv, const MakeRemoteTls& make_tls) {
  const std::string report = deliver(argc, argv, make_tls);
  const bool written = sys::write_all(STDOUT_FILENO, report).has_value();
  sys::finish(written ? sys::kExitSuccess : sys::kExitTemporary);
}

}  // namespace reqmail::remote
