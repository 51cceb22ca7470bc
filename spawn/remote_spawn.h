// What qmail-rspawn does with an order: run qmail-remote for one recipient.
#pragma once

#include <string>

#include "base/program_end.h"
#include "spawn/engine.h"
#include "sys/fd.h"

namespace reqmail::spawn {

class RemoteSpawn : public Policy {
 public:
  // `home`: qmail's. `program`: what is run as qmail-remote, a path, or qmail-remote, which is
  // looked up in PATH. `slots`: what offer_remote_slots() made.
  RemoteSpawn(std::string home, std::string program, sys::Fd slots = {})
      : home_(std::move(home)), program_(std::move(program)), slots_(std::move(slots)) {}

  Step begin(const Order& order) override;
  Step answered(const Order& order, base::ProgramEnd end, const Output& answer) override;
  std::string report(base::ProgramEnd end, const Output& output) override;

 private:
  // PATH does not lead to qmail-remote although it is where it belongs.
  [[nodiscard]] bool path_is_wrong() const;

  std::string home_;
  std::string program_;
  sys::Fd slots_;
};

}  // namespace reqmail::spawn
