// Look-ups of accounts by one qmail-getpw(8) that stays, instead of one that is run for each.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "spawn/own_program.h"
#include "sys/child.h"
#include "sys/fd.h"
#include "sys/poller.h"
#include "sys/process.h"
#include "users/lookup_service.h"

namespace reqmail::spawn {

class ResidentLookup {
 public:
  // An answer that takes longer is not waited for.
  static constexpr std::chrono::milliseconds kPatience{1000};
  // So long no new one is started when one has failed.
  static constexpr std::chrono::milliseconds kPause{10000};

  // `home`: where it runs. `program`: its path. `mark`: as for OwnProgram.
  struct Settings {
    std::string home;
    std::string program;
    std::string mark;
    sys::Identity identity = {};
  };

  explicit ResidentLookup(Settings settings)
      : settings_(std::move(settings)), program_(settings_.program, settings_.mark) {}

  // Puts the question of the delivery `slot`. False: whoever asks has to run the program.
  bool ask(unsigned slot, std::string_view local_part);

  // Nothing shall come of the question of that delivery any more.
  void forget(unsigned slot);

  // This child has ended and was waited for.
  void child_ended(pid_t child);

  // Before each wait: what to wait for, and until when.
  void watch(sys::Poller& poller);
  [[nodiscard]] std::optional<std::chrono::milliseconds> wakes_at() const;

  struct Outcome {
    unsigned slot = 0;
    // nullopt: it is not to be had; the program has to be run.
    std::optional<users::LookupAnswer> answer;
  };

  // After each wait: what has come.
  std::vector<Outcome> collect(const sys::Poller& poller);

 private:
  struct Question {
    unsigned slot;
    std::chrono::milliseconds until;
  };

  bool start();
  void take_answers(std::vector<Outcome>& outcomes);
  void give_up(std::vector<Outcome>& outcomes);

  Settings settings_;
  OwnProgram program_;
  sys::Fd socket_;
  sys::Child child_;
  std::optional<std::size_t> watch_;
  std::uint32_t last_number_ = 0;
  std::map<std::uint32_t, Question> questions_;
  bool has_answered_ = false;
  std::chrono::milliseconds not_before_{0};
};

}  // namespace reqmail::spawn
