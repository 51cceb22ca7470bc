#include "local/tools/test_program.h"

#include "base/text.h"
#include "sys/error.h"
#include "sys/exits.h"
#include "sys/process.h"
#include "sys/signals.h"

namespace reqmail::local {

Result<bool> program_succeeds(const std::vector<std::string>& command) {
  sys::reset_child_signal();
  sys::ChildSpec spec;
  spec.program = command.front();
  spec.arguments = command;
  spec.exec_failed = sys::kExitPermanent;
  spec.exec_failed_temporary = sys::kExitTemporary;
  auto child = sys::spawn(spec);
  if (!child) {
    return temporary(base::concat({"unable to fork: ", sys::error_text(child.error().error)}));
  }
  const auto ended = child->wait();
  if (!ended) {
    return temporary("wait failed");
  }
  if (ended->crashed) {
    return temporary("child crashed");
  }
  if (ended->code == sys::kExitTemporary) {
    return temporary("temporary child error");
  }
  return ended->code == 0;
}

}  // namespace reqmail::local
