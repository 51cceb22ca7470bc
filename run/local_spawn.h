// What qmail-lspawn does with an order: find the user, become it, run qmail-local.
#pragma once

#include <string>

#include "spawn/engine.h"
#include "sys/process.h"

namespace reqmail::run {

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

class LocalSpawn : public spawn::Policy {
 public:
  explicit LocalSpawn(LocalSpawnSettings settings) : settings_(std::move(settings)) {}

  spawn::Step begin(const spawn::Order& order) override;
  spawn::Step answered(const spawn::Order& order, mail::ProgramEnd end,
                       const spawn::Output& answer) override;
  std::string report(mail::ProgramEnd end, const spawn::Output& output) override;

 private:
  // `fields`: the six of a user, each ended by NUL.
  [[nodiscard]] spawn::Step deliver(const spawn::Order& order, std::string_view fields) const;

  LocalSpawnSettings settings_;
};

}  // namespace reqmail::run
