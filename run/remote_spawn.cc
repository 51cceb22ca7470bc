#include "run/remote_spawn.h"

#include "spawn/protocol.h"
#include "spawn/report.h"

namespace reqmail::run {

spawn::Step RemoteSpawn::begin(const spawn::Order& order) {
  spawn::Run run;
  run.child.program = program_;
  run.child.arguments = {"qmail-remote", std::string(spawn::domain(order)), order.sender,
                         order.recipient};
  run.child.exec_failed = mail::rspawn_exit::kRunPermanent;
  run.child.exec_failed_temporary = mail::rspawn_exit::kRunTemporary;
  return run;
}

spawn::Step RemoteSpawn::answered(const spawn::Order& /*order*/, mail::ProgramEnd end,
                                  const spawn::Output& /*answer*/) {
  return end;  // begin() asks nobody
}

std::string RemoteSpawn::report(mail::ProgramEnd end, const spawn::Output& output) {
  return spawn::remote_report(end, output);
}

}  // namespace reqmail::run
