// except: inverts the result of a program (except(1)).
//
// Runs as: the recipient's user
// Reads: nothing
// Writes: nothing
// Executes: the program it is given
// Trusts: its arguments
// Exits: 0 100 111

#include <string>
#include <vector>

#include "local/tools/test_program.h"
#include "local/tools/tool.h"
#include "sys/exits.h"

namespace {

namespace local = reqmail::local;
namespace sys = reqmail::sys;

}  // namespace

int main(int argc, char** argv) {
  const local::Tool tool("except");
  if (argc < 2) {
    tool.usage("program [ arg ... ]");
  }
  const auto succeeded =
      local::program_succeeds(std::vector<std::string>(argv + 1, argv + argc));
  if (!succeeded) {
    tool.fatal(succeeded.error().text, sys::kExitTemporary);
  }
  sys::finish(*succeeded ? sys::kExitPermanent : sys::kExitSuccess);
}
