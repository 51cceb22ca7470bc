// How qmail-rspawn carries out an order: it runs qmail-remote for one recipient. If that is our
// own program, a worker does its work without executing it.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/program_end.h"
#include "spawn/delivery_groups.h"
#include "spawn/engine.h"
#include "spawn/remote_pool.h"
#include "spawn/resident_signer.h"
#include "sys/fd.h"
#include "sys/file_version.h"
#include "sys/own_program.h"
#include "sys/poller.h"
#include "sys/process.h"

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
    // The number of recipients that one transaction of a worker may have.
    std::size_t group_max = 1;
    // A text that only the file of our own qmail-remote contains. If it is empty, the program
    // is always executed.
    std::string program_mark = {};
    // The version of that file, if somebody has read it who may (spawn/known_remote.h).
    std::optional<sys::FileVersion> known_program = std::nullopt;
    // A text that only the file of our own qmail-sign contains. If it is empty, no signer is
    // kept for all deliveries.
    std::string signer_mark = {};
  };

  explicit RemoteSpawn(Settings settings);

  bool joins(const Order& order) override;
  Step begin(const Order& order) override;
  Step answered(const Order& order, base::ProgramEnd end, const Output& answer) override;

  void watch(sys::Poller& poller) override { workers_.watch(poller); }

  [[nodiscard]] std::optional<std::chrono::milliseconds> wakes_at() const override {
    return groups_.first_due();
  }

  std::vector<unsigned> collect(const sys::Poller& poller) override;
  Step go_on(const Order& order) override;
  void forget_all() override;
  void child_ended(pid_t child, base::ProgramEnd end) override;
  std::string report(base::ProgramEnd end, const Output& output) override;

 private:
  // Returns the version of the program if a worker may do its work.
  std::optional<sys::FileVersion> version_of_own();

  // What becomes of an order.
  enum class Way {
    // A worker makes it, maybe with others.
    together,
    // A worker makes it alone.
    alone,
    // The program is executed.
    executed,
  };

  // Returns what a process gets beside descriptors 0, 1 and 2 if it starts now: between the
  // tries of one delivery the signer may end, and its descriptor become another file.
  [[nodiscard]] std::vector<sys::DescriptorMove> descriptors() const;
  [[nodiscard]] RemotePool::Terms terms(const sys::FileVersion& program) const;

  [[nodiscard]] Run run_for(const Order& order, Way way);

  // The worker's part of that.
  struct Offer {
    std::string message;
    unsigned slot = 0;
    RemoteOrder order;
    sys::FileVersion version;
    bool together = false;
  };

  bool take_over(const Offer& offer, int message, const std::function<void()>& forget);
  void give_group(const DeliveryGroup& group, std::vector<unsigned>& slots);
  // Returns whether qmail-remote is missing in PATH although it is installed.
  [[nodiscard]] bool path_is_wrong() const;

  Settings settings_;
  std::optional<ResidentSigner> signer_;
  // The file to which PATH leads.
  std::string path_;
  std::optional<sys::OwnProgram> program_;
  RemotePool workers_;
  DeliveryGroups groups_;
  // What workers have said, by slot, until go_on() takes it.
  std::map<unsigned, RemotePool::Outcome> outcomes_;
};

}  // namespace reqmail::spawn
