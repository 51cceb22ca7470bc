// How qmail-rspawn carries out an order: it runs qmail-remote for one recipient.
#pragma once

#include <string>

#include "base/program_end.h"
#include "spawn/engine.h"
#include "sys/fd.h"

namespace reqmail::spawn {

class RemoteSpawn : public Policy {
 public:
  // `home` is qmail's home. `program` is the program that is run as qmail-remote: a path, or
  // the name qmail-remote, which is looked up in PATH. `slots` is the result of
  // offer_remote_slots().
  // If `passes_wishes` is set, qmail-remote gets in QMAILDSN what the sender of the message
  // wants to be told.
  RemoteSpawn(std::string home, std::string program, sys::Fd slots = {},
              bool passes_wishes = false)
      : home_(std::move(home)),
        program_(std::move(program)),
        slots_(std::move(slots)),
        passes_wishes_(passes_wishes) {}

  Step begin(const Order& order) override;
  Step answered(const Order& order, base::ProgramEnd end, const Output& answer) override;
  std::string report(base::ProgramEnd end, const Output& output) override;

 private:
  // Returns whether qmail-remote is missing in PATH although it is installed.
  [[nodiscard]] bool path_is_wrong() const;

  std::string home_;
  std::string program_;
  sys::Fd slots_;
  bool passes_wishes_;
};

}  // namespace reqmail::spawn
