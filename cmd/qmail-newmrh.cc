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
#include "sys/fd.h"
#include "sys/file.h"
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
  sys::fill_standard_descriptors();
  sys::install_failure_exits(sys::kExitTemporary, sys::kExitTemporary, STDERR_FILENO,
                             "qmail-newmrh: fatal: out of memory\n");
  (void)::umask(kUmask);
  const std::string home(reqmail::config::kHome);
  if (auto changed = sys::change_directory(home); !changed) {
    die(sys::system_failure(reqmail::base::concat({"unable to chdir to ", home}),
                            changed.error().error));
  }
  if (auto compiled = smtpd::compile_morercpthosts(); !compiled) {
    die(compiled.error());
  }
  sys::finish(sys::kExitSuccess);
}
