// What qmail-rspawn does with an order: run qmail-remote for one recipient.
#pragma once

#include <string>

#include "spawn/engine.h"

namespace reqmail::run {

class RemoteSpawn : public spawn::Policy {
 public:
  // What is run as qmail-remote: a path, or a name to be looked up in PATH.
  explicit RemoteSpawn(std::string program) : program_(std::move(program)) {}

  spawn::Step begin(const spawn::Order& order) override;
  spawn::Step answered(const spawn::Order& order, mail::ProgramEnd end,
                       const spawn::Output& answer) override;
  std::string report(mail::ProgramEnd end, const spawn::Output& output) override;

 private:
  std::string program_;
};

}  // namespace reqmail::run
