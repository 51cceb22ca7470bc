#include "spawn/remote_spawn.h"

#include "base/program_end.h"
#include "base/text.h"
#include "remote/shared_slots.h"
#include "spawn/protocol.h"
#include "spawn/report.h"
#include "sys/file.h"
#include "sys/process.h"

namespace reqmail::spawn {

Step RemoteSpawn::begin(const Order& order) {
  Run run;
  run.child.program = program_;
  run.child.arguments = {"qmail-remote", std::string(domain(order)), order.sender,
                         order.recipient};
  run.child.exec_failed =
      path_is_wrong() ? mail::rspawn_exit::kRunPermanent : mail::rspawn_exit::kRunTemporary;
  if (slots_.valid()) {
    run.child.descriptors = {{slots_.get(), remote::kRemoteSlotsDescriptor}};
  }
  return run;
}

bool RemoteSpawn::path_is_wrong() const {
  return program_.find('/') == std::string::npos && !sys::is_program_in_path(program_) &&
         sys::status(base::concat({home_, "/bin/", program_}));
}

Step RemoteSpawn::answered(const Order& /*order*/, base::ProgramEnd end,
                           const Output& /*answer*/) {
  return end;  // begin() runs no look-up
}

std::string RemoteSpawn::report(base::ProgramEnd end, const Output& output) {
  return remote_report(end, output);
}

}  // namespace reqmail::spawn
