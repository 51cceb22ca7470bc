// qmail-newmvrt: compiles control/morevalidrcptto for qmail-smtpd (qmail-newmvrt(8)).
//
// Runs as: whoever may write to control/, usually root
// Reads: control/morevalidrcptto, control/smtputf8
// Writes: control/morevalidrcptto.tmp, which becomes control/morevalidrcptto.cdb
// Executes: nothing
// Trusts: control/morevalidrcptto
// Exits: 0 111

#include <sys/stat.h>
#include <unistd.h>

#include "smtpd/compile_list.h"
#include "sys/exits.h"
#include "sys/program.h"

namespace {

// qmail-smtpd, which runs as another user, must be able to read the result.
constexpr mode_t kUmask = 033;

}  // namespace

int main() {
  namespace smtpd = reqmail::smtpd;
  namespace sys = reqmail::sys;
  const sys::Program program({
      .out_of_memory_fd = STDERR_FILENO,
      .out_of_memory_text = "qmail-newmvrt: fatal: out of memory\n",
      .umask = kUmask,
  });
  sys::finish(smtpd::compile_list_as("qmail-newmvrt", smtpd::compile_morevalidrcptto));
}
