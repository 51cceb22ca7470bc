// qmail-pop3d: serves a maildir by POP3 to the client on descriptors 0 and 1 (qmail-pop3d(8)).
//
// Runs as: the user whose maildir it is, after the login
// Reads: descriptor 0; the maildir
// Writes: descriptor 1; the maildir: renames and removes messages at QUIT, old files in tmp
// Executes: nothing
// Trusts: its argument
// Exits: 0

#include <signal.h>

#include "local/maildir_reader.h"
#include "pop3/session.h"
#include "sys/clock.h"
#include "sys/connection.h"
#include "sys/exits.h"
#include "sys/fd.h"
#include "sys/file.h"
#include "sys/program.h"
#include "sys/signals.h"
#include "sys/stream.h"

namespace {

namespace local = reqmail::local;
namespace pop3 = reqmail::pop3;
namespace proto = reqmail::proto;
namespace sys = reqmail::sys;

constexpr int kInput = 0;
constexpr int kOutput = 1;

[[noreturn]] void die(std::string_view text) {
  (void)sys::write_all(kOutput, proto::pop3_error(text));
  sys::finish(sys::kExitSuccess);
}

}  // namespace

int main(int argc, char** argv) {
  const sys::Program program({
      .out_of_memory = sys::kExitSuccess,
      .bug = sys::kExitSuccess,
      .out_of_memory_fd = kOutput,
      .out_of_memory_text = "-ERR out of memory\r\n",
  });
  sys::ignore_signals({SIGPIPE});
  sys::exit_on_signal(SIGALRM, sys::kExitSuccess);
  if (argc < 2 || !sys::change_directory(argv[1])) {
    die("this user has no $HOME/Maildir");
  }
  const reqmail::base::Time now = sys::now();
  local::clean_maildir_tmp(now);
  auto messages = local::scan_maildir(local::MaildirParts::new_and_cur, now);
  if (!messages) {
    die("unable to scan $HOME/Maildir");
  }
  sys::set_no_delay(kOutput);
  sys::DescriptorConnection client(kInput, kOutput);
  sys::Reader input(client);
  sys::Writer output(client);
  pop3::Pop3Session(std::move(*messages), input, output).run();
  sys::finish(sys::kExitSuccess);
}
