// What qmail-lspawn does with an order: find the user, become it, run qmail-local.
#pragma once

#include <string>

#include "base/program_end.h"
#include "spawn/engine.h"
#include "sys/process.h"

namespace reqmail::spawn {

struct LocalSpawnSettings {
  // qmail's home: users/cdb and the programs are below it, children run in it.
  std::string home;
  // Instructions for users without a .qmail file.
  std::string default_delivery;
  // What is run as qmail-local: an absolute path.
  std::string program;
  // QMAILLOCAL named it.
  bool replaced = false;
  // Whom qmail-getpw runs as.
  sys::Identity lookup_identity = {};
};

class LocalSpawn : public Policy {
 public:
  explicit LocalSpawn(LocalSpawnSettings settings) : settings_(std::move(settings)) {}

  Step begin(const Order& order) override;
  Step answered(const Order& order, base::ProgramEnd end, const Output& answer) override;
  std::string report(base::ProgramEnd end, const Output& output) override;

 private:
  // `fields`: the six of a user, each ended by NUL.
  [[nodiscard]] Step deliver(const Order& order, std::string_view fields) const;

  LocalSpawnSettings settings_;
};

}  // namespace reqmail::spawn
