// qmail-rspawn: starts remote deliveries as qmail-send orders them.
//
// Runs as: qmailr, group qmail
// Reads: orders on descriptor 0, control/concurrencyremote, concurrencyremoteip, connectionidle,
//   connectionmessages, dsn, transactionrecipients; queue/mess, /etc/passwd; whether control/ arcseal dkimdomains
//   dkimkeys domainkeys are there; what qmail-remote reads
// Writes: reports on descriptor 1, queue/lock/tcpto; what qmail-remote writes
// Executes: bin/qmail-remote-tls for TLS; qmail-remote, found through PATH, or QMAILREMOTE;
//   bin/qmail-sign if messages are signed
// Trusts: qmail-start for which file qmail-remote is; qmail-send's orders as far as they name
//   messages of qmailq's; qmail-remote's reports
// Exits: 0 111

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include "base/text.h"
#include "config.h"
#include "control/files.h"
#include "net/tcpto.h"
#include "remote/shared_signer.h"
#include "remote/shared_slots.h"
#include "spawn/engine.h"
#include "spawn/hook.h"
#include "spawn/known_remote.h"
#include "spawn/remote_spawn.h"
#include "spawn/report.h"
#include "sys/env.h"
#include "sys/exits.h"
#include "sys/file.h"
#include "sys/identity.h"
#include "sys/need_account.h"
#include "sys/program.h"
#include "sys/program_mark.h"

namespace base = reqmail::base;
namespace config = reqmail::config;
namespace control = reqmail::control;
namespace net = reqmail::net;
namespace remote = reqmail::remote;
namespace spawn = reqmail::spawn;
namespace sys = reqmail::sys;

namespace {

constexpr auto kRemoteMark = sys::program_mark("qmail-remote");
constexpr auto kSignerMark = sys::program_mark("qmail-sign");

// If QMAILREMOTE is set, even to our own program, that program must be executed, and it may do
// anything with the descriptors that it gets.
std::string unless_replaced(std::string mark) {
  return sys::environment_value("QMAILREMOTE").value_or("").empty() ? std::move(mark)
                                                                    : std::string();
}

}  // namespace

int main() {
  const sys::Program program({
      .holds_secrets = true,
      .close_on_exec_from = 3,
  });
  const std::string home(config::kHome);
  if (!sys::Program::enter_home()) {
    sys::finish(sys::kExitTemporary);
  }
  // If a file cannot be read, mail goes on as without it.
  control::ControlFiles files(control::ControlFiles::Unreadable::is_absent);
  const bool passes_wishes = files.number("dsn") > 0;
  const auto group_max = static_cast<std::size_t>(
      std::min<std::uint64_t>(files.number("transactionrecipients"), config::kSpawnLimit));
  const auto known_program = spawn::take_known_remote();
  auto slots = remote::offer_remote_slots();
  remote::withdraw_shared_signer();
  // The working directory of qmail-remote is queue/mess.
  if (!sys::change_directory("queue/mess")) {
    sys::finish(sys::kExitTemporary);
  }
  // If the table cannot be cleared, some mail is delayed but none is lost.
  (void)net::clear_timeouts(base::concat({home, "/queue/lock/tcpto"}));
  spawn::RemoteSpawn policy({
      .home = home,
      .program = spawn::hook_program("QMAILREMOTE", home, "qmail-remote"),
      .slots = std::move(slots),
      .passes_wishes = passes_wishes,
      .group_max = group_max,
      .program_mark = unless_replaced({kRemoteMark.begin(), kRemoteMark.end()}),
      .known_program = known_program,
      .signer_mark = unless_replaced({kSignerMark.begin(), kSignerMark.end()}),
  });
  spawn::Engine engine(
      {
          .slots = config::kSpawnLimit,
          .message_owner = sys::need_uid("qmail-rspawn", sys::Account::qmailq),
          .message_directory = "",
          .output_max = spawn::kRemoteOutputMax,
      },
      policy);
  sys::finish(engine.serve() ? sys::kExitSuccess : sys::kExitTemporary);
}
