// qmail-newmrh: compiles control/morercpthosts for qmail-smtpd (qmail-newmrh(8)).
//
// Runs as: whoever may write to control/, usually root
// Reads: control/morercpthosts
// Writes: control/morercpthosts.tmp, which becomes control/morercpthosts.cdb
// Executes: nothing
// Trusts: control/morercpthosts
// Exits: 0 111

#include <sys/stat.h>
#include <unistd.h>

#include <string>

#include "base/text.h"
#include "config.h"
#include "smtpd/compile_morercpthosts.h"
#include "sys/error.h"
#include "sys/exits.h"
#include "sys/file.h"
#include "sys/program.h"
#include "sys/stream.h"

namespace {

namespace smtpd = reqmail::smtpd;
namespace sys = reqmail::sys;

// qmail-smtpd, which runs as another user, must be able to read the result.
constexpr mode_t kUmask = 033;

[[noreturn]] void die(const reqmail::Failure& failure) {
  (void)sys::write_all(STDERR_FILENO,
                       reqmail::base::concat({"qmail-newmrh: fatal: ", failure.text, "\n"}));
  sys::finish(sys::kExitTemporary);
}

}  // namespace

int main() {
  const sys::Program program({
      .out_of_memory_fd = STDERR_FILENO,
      .out_of_memory_text = "qmail-newmrh: fatal: out of memory\n",
      .umask = kUmask,
  });
  if (auto changed = sys::Program::enter_home(); !changed) {
    die(sys::system_failure(
        reqmail::base::concat({"unable to chdir to ", reqmail::config::kHome}),
        changed.error().error));
  }
  if (auto compiled = smtpd::compile_morercpthosts(); !compiled) {
    die(compiled.error());
  }
  sys::finish(sys::kExitSuccess);
}
