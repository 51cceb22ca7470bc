// bouncesaying: bounces a message with a text, optionally only if a program succeeds
// (bouncesaying(1)).
//
// Runs as: the recipient's user
// Reads: nothing
// Writes: nothing
// Executes: the program it is given
// Trusts: its arguments
// Exits: 0 100 111

#include <unistd.h>

#include <string>
#include <vector>

#include "base/text.h"
#include "local/tools/test_program.h"
#include "local/tools/tool.h"
#include "sys/exits.h"
#include "sys/stream.h"

namespace {

namespace base = reqmail::base;
namespace local = reqmail::local;
namespace sys = reqmail::sys;

}  // namespace

int main(int argc, char** argv) {
  const local::Tool tool("bouncesaying");
  if (argc < 2) {
    tool.usage("error [ program [ arg ... ] ]");
  }
  if (argc > 2) {
    const auto bounce =
        local::program_succeeds(std::vector<std::string>(argv + 2, argv + argc));
    if (!bounce) {
      tool.fatal(bounce.error().text, sys::kExitTemporary);
    }
    if (!*bounce) {
      sys::finish(sys::kExitSuccess);
    }
  }
  (void)!sys::write_all(STDERR_FILENO, base::concat({argv[1], "\n"})).has_value();
  sys::finish(sys::kExitPermanent);
}
