// qmail-send: has the mail in the queue delivered and sends bounces.
//
// Runs as: qmails, group qmail
// Reads: control/ (bouncefrom bouncehost bouncemaxbytes bouncestyle bouncesubject
//   concurrencylocal concurrencyremote concurrencyremotedomains
//   concurrencyremotereserve custombouncetext
//   delaywarning doublebouncehost doublebounceto dsn envnoathost locals me percenthack
//   queuelifetime ratelimitremote retryschedule smtputf8 transactionrecipients
//   virtualdomains), queue/todo,
//   queue/mess, reports on descriptors 2 and 4, qmail-clean's answers on 6
// Writes: queue/info, queue/local, queue/remote, queue/bounce; the log on descriptor 0, orders
//   on 1 and 3, commands to qmail-clean on 5
// Executes: bin/qmail-queue or QMAILQUEUE, for bounces
// Trusts: the spawners as to how a delivery went, their reports limited in length;
//   qmail-queue's files in queue/todo
// Exits: 0 111

#include <signal.h>
#include <sys/types.h>

#include <string>
#include <string_view>
#include <utility>

#include "scheduler/log_lines.h"
#include "send/daemon.h"
#include "sys/exits.h"
#include "sys/file.h"
#include "sys/program.h"
#include "sys/signals.h"

namespace log_line = reqmail::scheduler::log_line;
namespace send = reqmail::send;
namespace sys = reqmail::sys;

namespace {

constexpr std::string_view kOutOfMemory = "alert: out of memory, sleeping...\n";
constexpr unsigned kMemorySleep = 10;

// Nobody else may read the senders and recipients in the queue.
constexpr mode_t kUmask = 077;

[[noreturn]] void cannot_start(std::string_view what) {
  send::write_send_log(log_line::cannot_start(what));
  sys::finish(sys::kExitTemporary);
}

}  // namespace

int main() {
  const sys::Program program({
      .out_of_memory_fd = send::send_fd::kLog,
      .out_of_memory_text = kOutOfMemory,
      .memory_wait_seconds = kMemorySleep,
      .umask = kUmask,
      .close_on_exec_from = 3,
  });
  sys::ignore_signals({SIGPIPE});
  sys::reset_child_signal();
  if (!sys::Program::enter_home()) {
    cannot_start("unable to switch to home directory");
  }
  auto settings = send::read_send_settings();
  if (!settings) {
    cannot_start("unable to read controls");
  }
  if (!sys::change_directory("queue")) {
    cannot_start("unable to switch to queue directory");
  }
  sys::finish(send::run_send(std::move(*settings)));
}
