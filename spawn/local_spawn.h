// How qmail-lspawn carries out an order: it looks the user up, becomes the user and runs
// qmail-local. If that is our own program, a child does its work without executing it.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/program_end.h"
#include "local/request.h"
#include "spawn/engine.h"
#include "spawn/resident_lookup.h"
#include "spawn/worker_pool.h"
#include "sys/own_program.h"
#include "sys/process.h"
#include "users/lookup_service.h"
#include "users/user_lookup.h"

namespace reqmail::spawn {

struct LocalSpawnSettings {
  // qmail's home, which contains users/cdb and the programs and is the working directory of
  // children.
  std::string home;
  // The instructions for users without a .qmail file.
  std::string default_delivery;
  // The program that is run as qmail-local, as an absolute path.
  std::string program;
  // Whether QMAILLOCAL named the program.
  bool replaced = false;
  // A text that only the file of our own qmail-local contains. If it is empty, the program is
  // always executed.
  std::string program_mark = {};
  // The same for our own qmail-getpw.
  std::string lookup_mark = {};
  // Users with much mail get a worker (spawn/worker_pool.h). Not for deliveries that may be
  // killed when they take too long: a worker's end would be that of several.
  bool workers = false;
  // The user and group as which qmail-getpw runs.
  sys::Identity lookup_identity = {};
};

class LocalSpawn : public Policy {
 public:
  explicit LocalSpawn(LocalSpawnSettings settings);

  Step begin(const Order& order) override;
  Step answered(const Order& order, base::ProgramEnd end, const Output& answer) override;
  void watch(sys::Poller& poller) override;
  [[nodiscard]] std::optional<std::chrono::milliseconds> wakes_at() const override;
  std::vector<unsigned> collect(const sys::Poller& poller) override;
  Step go_on(const Order& order) override;
  void forget(unsigned slot) override;
  void forget_all() override;
  void child_ended(pid_t child, base::ProgramEnd end) override;
  std::string report(base::ProgramEnd end, const Output& output) override;

 private:
  // `fields` has the six fields of a user, each followed by NUL.
  [[nodiscard]] Step deliver(const Order& order, std::string_view fields);
  // Returns whether a child of this process may do the work of the program.
  [[nodiscard]] bool may_stand_in(const local::Request& request);

  // `run` shall go to a worker if its user has one.
  void offer_to_workers(const Order& order, const local::Request& request, Run& run);
  // What becomes of a delivery that a worker had.
  Step after_worker(unsigned slot);
  // Runs qmail-getpw for this order alone.
  [[nodiscard]] Step run_lookup(const Order& order) const;

  LocalSpawnSettings settings_;
  sys::OwnProgram program_;
  users::Assignments assignments_;
  ResidentLookup lookup_;
  WorkerPool workers_;
  // What worker deliveries are if no worker makes them, by slot.
  std::map<unsigned, Run> runs_;
  // What workers have said, by slot, until go_on() takes it.
  std::map<unsigned, std::optional<WorkerResult>> results_;
  // The results of questions by slot, until go_on() takes them.
  std::map<unsigned, std::optional<users::LookupAnswer>> outcomes_;
};

}  // namespace reqmail::spawn
