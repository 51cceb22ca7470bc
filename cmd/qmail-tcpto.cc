// qmail-tcpto: lists the hosts that did not answer recently (qmail-tcpto(8)).
//
// Runs as: root or qmailr, by hand
// Reads: queue/lock/tcpto
// Writes: the list and error messages on descriptor 1
// Executes: nothing
// Trusts: nothing in the table
// Exits: 0, 111

#include <unistd.h>

#include <algorithm>
#include <string>
#include <string_view>

#include "base/number.h"
#include "base/text.h"
#include "net/tcpto.h"
#include "sys/clock.h"
#include "sys/error.h"
#include "sys/exits.h"
#include "sys/file.h"
#include "sys/lock.h"
#include "sys/program.h"
#include "sys/stream.h"

namespace {

namespace base = reqmail::base;
namespace net = reqmail::net;
namespace sys = reqmail::sys;

[[noreturn]] void fail(std::string_view what, int error) {
  (void)sys::write_all(STDOUT_FILENO,
                       base::concat({"fatal: ", what, ": ", sys::error_text(error), "\n"}))
      .has_value();
  sys::finish(sys::kExitTemporary);
}

std::string line(const net::TimeoutRecord& record, base::Time now) {
  const auto ago = std::max(now - record.last, base::Seconds(0));
  return base::concat({record.address.text(), " timed out ",
                       base::decimal(static_cast<std::uint64_t>(ago.count())),
                       " seconds ago; # recent timeouts: ", base::decimal(record.count), "\n"});
}

}  // namespace

int main() {
  const sys::Program program;
  if (auto become = net::become_table_owner(); !become) {
    fail("unable to become qmailr", become.error().error);
  }
  if (auto changed = sys::Program::enter_home(); !changed) {
    fail("unable to chdir", changed.error().error);
  }
  if (auto changed = sys::change_directory("queue/lock"); !changed) {
    fail("unable to chdir", changed.error().error);
  }
  const auto file = net::open_timeouts("tcpto");
  if (!file) {
    fail("unable to open tcpto", file.error().error);
  }
  if (auto locked = sys::lock_exclusive(file->get()); !locked) {
    fail("unable to lock tcpto", locked.error().error);
  }
  const auto table = net::read_timeouts(file->get());
  if (!table) {
    fail("unable to read tcpto", table.error().error);
  }
  const base::Time now = sys::now();
  std::string listing;
  for (const net::TimeoutRecord& record : table->listing()) {
    listing += line(record, now);
  }
  const bool written = sys::write_all(STDOUT_FILENO, listing).has_value();
  sys::finish(written ? sys::kExitSuccess : sys::kExitTemporary);
}
