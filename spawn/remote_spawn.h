// How qmail-rspawn carries out an order: it runs qmail-remote for one recipient.
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "base/program_end.h"
#include "spawn/engine.h"
#include "spawn/resident_signer.h"
#include "sys/fd.h"

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
    // A text that only the file of our own qmail-sign contains. If it is empty, no signer is
    // kept for all deliveries.
    std::string signer_mark = {};
  };

  explicit RemoteSpawn(Settings settings);

  Step begin(const Order& order) override;
  Step answered(const Order& order, base::ProgramEnd end, const Output& answer) override;
  void child_ended(pid_t child) override;
  std::string report(base::ProgramEnd end, const Output& output) override;

 private:
  // Returns whether qmail-remote is missing in PATH although it is installed.
  [[nodiscard]] bool path_is_wrong() const;

  Settings settings_;
  std::optional<ResidentSigner> signer_;
};

}  // namespace reqmail::spawn
