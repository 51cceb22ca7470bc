#include "run/remote_main.h"

#include <unistd.h>

#include <string>
#include <utility>
#include <vector>

#include "config.h"
#include "net/dns_libresolv.h"
#include "remote/attempt.h"
#include "remote/recipient_report.h"
#include "run/remote_handover.h"
#include "run/remote_settings.h"
#include "run/remote_slots.h"
#include "sys/exits.h"
#include "sys/file.h"
#include "sys/stream.h"

namespace reqmail::run {

namespace {

constexpr int kHostArgument = 1;
constexpr int kSenderArgument = 2;
constexpr int kFirstRecipient = 3;

std::string deliver(int argc, char** argv, remote::TlsStarter& tls) {
  if (argc <= kFirstRecipient) {
    return remote::failure_report(remote::invoked_improperly());
  }
  if (!sys::change_directory(std::string(config::kHome))) {
    return remote::failure_report(temporary("Unable to switch to home directory. (#4.3.0)"));
  }
  const remote::Delivery delivery{argv[kHostArgument], argv[kSenderArgument],
                                  std::vector<std::string>(argv + kFirstRecipient, argv + argc),
                                  STDIN_FILENO};
  net::SystemDns dns;
  auto slots = inherited_remote_slots();
  const remote::Surroundings surroundings{dns, "queue/lock/tcpto", ::getpid(), tls,
                                          slots ? &*slots : nullptr};
  auto handover = take_remote_handover();
  if (!handover) {
    return remote::failure_report(temporary("Unable to take the connection over. (#4.3.0)"));
  }
  if (*handover) {
    return remote::resume(**std::move(handover), delivery, surroundings);
  }
  const auto settings = read_remote_settings();
  if (!settings) {
    return remote::failure_report(settings.error());
  }
  return remote::attempt(*settings, delivery, surroundings);
}

}  // namespace

void remote_main(int argc, char** argv, remote::TlsStarter& tls) {
  const std::string report = deliver(argc, argv, tls);
  const bool written = sys::write_all(STDOUT_FILENO, report).has_value();
  sys::finish(written ? sys::kExitSuccess : sys::kExitTemporary);
}

}  // namespace reqmail::run
