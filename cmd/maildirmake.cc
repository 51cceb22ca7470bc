// maildirmake: makes an empty maildir (maildirmake(1)).
//
// Runs as: whoever calls it
// Reads: nothing
// Writes: the new maildir
// Executes: nothing
// Trusts: its argument
// Exits: 0 100 111

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string>

#include "base/text.h"
#include "sys/error.h"
#include "sys/exits.h"
#include "sys/program.h"
#include "sys/stream.h"

namespace {

namespace sys = reqmail::sys;

// Only the owner has access, whatever the umask is.
constexpr mode_t kMode = 0700;
constexpr mode_t kUmask = 077;

[[noreturn]] void fail(std::string_view what, const std::string& name, int error) {
  (void)!sys::write_all(
      STDERR_FILENO, reqmail::base::concat({"maildirmake: fatal: unable to ", what, " ", name,
                                            ": ", sys::error_text(error), "\n"}))
      .has_value();
  sys::finish(sys::kExitTemporary);
}

}  // namespace

int main(int argc, char** argv) {
  const sys::Program program({.umask = kUmask});
  if (argc < 2) {
    (void)!sys::write_all(STDERR_FILENO, "maildirmake: usage: maildirmake name\n").has_value();
    sys::finish(sys::kExitPermanent);
  }
  const std::string maildir = argv[1];
  if (::mkdir(maildir.c_str(), kMode) != 0) {
    fail("mkdir", maildir, errno);
  }
  if (::chdir(maildir.c_str()) != 0) {
    fail("chdir to", maildir, errno);
  }
  for (const std::string part : {"tmp", "new", "cur"}) {
    if (::mkdir(part.c_str(), kMode) != 0) {
      fail("mkdir", part, errno);
    }
  }
  sys::finish(sys::kExitSuccess);
}
