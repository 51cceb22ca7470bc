// How qmail-rspawn carries out an order: it runs qmail-remote for one recipient. If that is our
// own program, a worker does its work without executing it.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/program_end.h"
#include "spawn/engine.h"
#include "spawn/remote_pool.h"
#include "spawn/resident_signer.h"
#include "sys/fd.h"
#include "sys/file_version.h"
#include "sys/own_program.h"
#include "sys/poller.h"

namespace reqmail::spawn {

class RemoteSpawn : public Policy {
 public:
  struct Settings {
    // qmail's home.
    std::string home;
    // The program that is run as qmail-remote: a path, or the name qmail-remote, which is
    // looked up in PATH.
    std::string program;
    // The result of offer_remote_slots().
    sys::Fd slots = {};
    // Whether qmail-remote gets in QMAILDSN what the sender of the message wants to be told.
    bool passes_wishes = false;
    // A text that only the file of our own qmail-remote contains. If it is empty, the program
    // is always executed.
    std::string program_mark = {};
    // A text that only the file of our own qmail-sign contains. If it is empty, no signer is
    // kept for all deliveries.
    std::string signer_mark = {};
  };

  explicit RemoteSpawn(Settings settings);

  Step begin(const Order& order) override;
  Step answered(const Order& order, base::ProgramEnd end, const Output& answer) override;

  void watch(sys::Poller& poller) override { workers_.watch(poller); }

  std::vector<unsigned> collect(const sys::Poller& poller) override;
  Step go_on(const Order& order) override;
  void forget_all() override;
  void child_ended(pid_t child, base::ProgramEnd end) override;
  std::string report(base::ProgramEnd end, const Output& output) override;

 private:
  // Returns the version of the program if a worker may do its work.
  std::optional<sys::FileVersion> version_of_own();

  // `run` shall go to a worker.
  void offer_to_workers(const Order& order, std::string wishes, Run& run);
  // Returns whether qmail-remote is missing in PATH although it is installed.
  [[nodiscard]] bool path_is_wrong() const;

  Settings settings_;
  std::optional<ResidentSigner> signer_;
  // The file to which PATH leads.
  std::string path_;
  std::optional<sys::OwnProgram> program_;
  RemotePool workers_;
  // What deliveries of workers are if no worker makes them, by slot.
  std::map<unsigned, Run> runs_;
  // What workers have said, by slot, until go_on() takes it.
  std::map<unsigned, RemotePool::Outcome> outcomes_;
};

}  // namespace reqmail::spawn
