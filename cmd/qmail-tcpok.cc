// qmail-tcpok: clears the table of hosts that did not answer (qmail-tcpok(8)).
//
// Runs as: root, which becomes qmailr, or qmailr, by hand
// Reads: nothing
// Writes: queue/lock/tcpto; error messages on descriptor 2
// Executes: nothing
// Trusts: nothing
// Exits: 0, 111

#include <unistd.h>

#include <string>
#include <string_view>

#include "base/text.h"
#include "config.h"
#include "net/tcpto.h"
#include "sys/error.h"
#include "sys/exits.h"
#include "sys/file.h"
#include "sys/lock.h"
#include "sys/program.h"
#include "sys/stream.h"

namespace {

namespace base = reqmail::base;
namespace sys = reqmail::sys;

[[noreturn]] void fail(std::string_view what, std::string_view path, int error) {
  (void)sys::write_all(STDERR_FILENO, base::concat({"qmail-tcpok: fatal: unable to ", what, " ",
                                                    path, ": ", sys::error_text(error), "\n"}))
      .has_value();
  sys::finish(sys::kExitTemporary);
}

}  // namespace

int main() {
  const sys::Program program;
  if (auto become = reqmail::net::become_table_owner(); !become) {
    fail("become", "qmailr", become.error().error);
  }
  const std::string directory = std::string(reqmail::config::kHome) + "/queue/lock";
  if (auto changed = sys::change_directory(directory); !changed) {
    fail("chdir to", directory, changed.error().error);
  }
  const std::string path = directory + "/tcpto";
  const auto file = reqmail::net::open_timeouts("tcpto");
  if (!file) {
    fail("write", path, file.error().error);
  }
  if (auto locked = sys::lock_exclusive(file->get()); !locked) {
    fail("lock", path, locked.error().error);
  }
  const std::string zeros(reqmail::net::kTcptoSize, '\0');
  if (auto cleared = sys::write_all(file->get(), zeros); !cleared) {
    fail("clear", path, cleared.error().error);
  }
  sys::finish(sys::kExitSuccess);
}
