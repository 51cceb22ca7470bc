// qmail-start: starts qmail-send and its helpers, each as its own user.
//
// Runs as: root; becomes qmail-send as qmails
// Reads: /etc/passwd, /etc/group
// Writes: nothing
// Executes: the logger (as qmaill), qmail-lspawn (root), qmail-rspawn (qmailr), qmail-clean
//   (qmailq), qmail-send (qmails), all found through PATH
// Trusts: its arguments and PATH
// Exits: 111; else what qmail-send exits with

#include <string>
#include <utility>
#include <vector>

#include "sys/exits.h"
#include "sys/fd.h"
#include "sys/file.h"
#include "sys/identity.h"
#include "sys/need_account.h"
#include "sys/process.h"
#include "sys/program.h"
#include "sys/signals.h"

namespace sys = reqmail::sys;

namespace {

constexpr std::string_view kName = "qmail-start";

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

void start(std::vector<std::string> arguments, const sys::Identity& identity,
           std::vector<sys::DescriptorMove> descriptors) {
  sys::ChildSpec spec;
  spec.program = arguments.front();
  spec.arguments = std::move(arguments);
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

void start(std::vector<std::string> arguments, const sys::Identity& identity,
           const Helper& helper) {
  start(std::move(arguments), identity,
        {{helper.orders.read.get(), 0}, {helper.reports.write.get(), 1}});
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
  start({"qmail-rspawn"}, {ids.remote, ids.qmail}, remote);
  start({"qmail-clean"}, {ids.clean, ids.qmail}, clean);

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
