// qmail-start: starts qmail-send and its helpers, each as its own user.
//
// Runs as: root; becomes qmail-send as qmails
// Reads: /etc/passwd, /etc/group; the file of qmail-remote, found through PATH
// Writes: the socket qmailq in qmail's home
// Executes: the logger (as qmaill), qmail-lspawn (root), qmail-rspawn (qmailr), qmail-clean and
//   qmailq (qmailq), qmail-send (qmails), all found through PATH
// Trusts: its arguments and PATH
// Exits: 111; else what qmail-send exits with

#include <unistd.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/number.h"
#include "base/text.h"
#include "config.h"
#include "mail/queue_service.h"
#include "spawn/known_remote.h"
#include "sys/env.h"
#include "sys/exits.h"
#include "sys/fd.h"
#include "sys/file.h"
#include "sys/identity.h"
#include "sys/local_socket.h"
#include "sys/need_account.h"
#include "sys/process.h"
#include "sys/program.h"
#include "sys/program_mark.h"
#include "sys/signals.h"

namespace mail = reqmail::mail;
namespace spawn = reqmail::spawn;
namespace sys = reqmail::sys;

namespace {

constexpr std::string_view kName = "qmail-start";
constexpr auto kRemoteMark = sys::program_mark("qmail-remote");

sys::Pipe need_pipe() {
  auto pipe = sys::make_pipe();
  if (!pipe) {
    sys::finish(sys::kExitTemporary);
  }
  return std::move(*pipe);
}

// A program that communicates with qmail-send over two pipes, which are its standard input and
// output.
struct Helper {
  sys::Pipe orders = need_pipe();
  sys::Pipe reports = need_pipe();
};

using Strings = std::vector<std::string>;

void start(Strings arguments, const sys::Identity& identity,
           std::vector<sys::DescriptorMove> descriptors,
           std::optional<Strings> environment = std::nullopt) {
  sys::ChildSpec spec;
  spec.program = arguments.front();
  spec.arguments = std::move(arguments);
  spec.environment = std::move(environment);
  spec.identity = identity;
  spec.descriptors = std::move(descriptors);
  spec.exec_failed = sys::kExitTemporary;
  auto child = sys::spawn(spec);
  if (!child) {
    sys::finish(sys::kExitTemporary);
  }
  // This process becomes qmail-send, so the child is qmail-send's.
  (void)child->release();
}

void start(Strings arguments, const sys::Identity& identity, const Helper& helper,
           std::optional<Strings> environment = std::nullopt) {
  start(std::move(arguments), identity,
        {{helper.orders.read.get(), 0}, {helper.reports.write.get(), 1}},
        std::move(environment));
}

// qmail-rspawn may not read the file of qmail-remote, whose work it does without executing it
// if it is the one of this release.
void start_remote_spawner(const sys::Identity& identity, const Helper& helper) {
  sys::Environment environment = sys::Environment::current();
  spawn::tell_of_remote(spawn::look_at_remote({kRemoteMark.begin(), kRemoteMark.end()}),
                        environment);
  start({"qmail-rspawn"}, identity, helper, environment.strings());
}

struct Ids {
  gid_t qmail = sys::need_gid(kName, sys::Group::qmail);
  uid_t clean = sys::need_uid(kName, sys::Account::qmailq);
  uid_t remote = sys::need_uid(kName, sys::Account::qmailr);
  uid_t send = sys::need_uid(kName, sys::Account::qmails);
  // qmail-lspawn needs this account, but could not report that it is missing.
  uid_t lookup = sys::need_uid(kName, sys::Account::qmailp);
};

// Returns the end to which qmail-send writes its log: a pipe to the logger, or standard output.
sys::Fd start_logger(int argc, char** argv) {
  if (argc <= 2) {
    return sys::Fd(1);
  }
  const sys::Identity identity = {sys::need_uid(kName, sys::Account::qmaill),
                                  sys::need_gid(kName, sys::Group::nofiles)};
  sys::Pipe log = need_pipe();
  start({argv + 2, argv + argc}, identity, {{log.read.get(), 0}});
  return std::move(log.write);
}

// Starts qmailq, if it is installed and can have its socket, and if there is none already. One
// whose qmail-send has ended does not count: it takes no more messages as soon as it notices.
// Otherwise all mail comes through qmail-queue. Those who inject mail are qmails and the
// accounts of group nofiles, and nobody but root can connect beside them.
void start_queue_writer(const Ids& ids) {
  constexpr mode_t kMode = 0660;
  const std::string path = reqmail::base::concat({reqmail::config::kHome, mail::kQueueSocket});
  const auto nofiles = sys::group_gid(sys::Group::nofiles);
  if (!nofiles || !sys::is_program_in_path("qmailq") || sys::is_in_charge(path)) {
    return;
  }
  const auto listener = sys::listen_at(path, {ids.send, *nofiles}, kMode);
  const auto null_device = sys::open_read_write("/dev/null");
  if (listener && null_device) {
    start({"qmailq", reqmail::base::decimal(static_cast<std::uint64_t>(::getpid()))},
          {ids.clean, *nofiles},
          {{listener->get(), 0}, {null_device->get(), 1}, {null_device->get(), 2}});
  }
}

}  // namespace

int main(int argc, char** argv) {
  const sys::Program program({
      .umask = 077,
      // The programs get no descriptors, not even standard error, except those listed for them.
      .close_on_exec_from = 2,
  });
  sys::reset_child_signal();
  const bool has_log = argc > 2 || program.was_given(1);
  if (!program.was_given(0) || !has_log || !sys::change_directory("/")) {
    sys::finish(sys::kExitTemporary);
  }
  const Ids ids;
  const sys::Fd log = start_logger(argc, argv);
  const Helper local;
  const Helper remote;
  const Helper clean;
  start({"qmail-lspawn", argc > 1 ? argv[1] : "./Mailbox"}, {0, ids.qmail}, local);
  start_remote_spawner({ids.remote, ids.qmail}, remote);
  start({"qmail-clean"}, {ids.clean, ids.qmail}, clean);
  start_queue_writer(ids);

  sys::ChildSpec send;
  send.program = "qmail-send";
  send.arguments = {"qmail-send"};
  send.identity = sys::Identity{ids.send, ids.qmail};
  send.descriptors = {{log.get(), 0},
                      {local.orders.write.get(), 1},
                      {local.reports.read.get(), 2},
                      {remote.orders.write.get(), 3},
                      {remote.reports.read.get(), 4},
                      {clean.orders.write.get(), 5},
                      {clean.reports.read.get(), 6}};
  (void)sys::become_program(send);
  sys::finish(sys::kExitTemporary);
}
