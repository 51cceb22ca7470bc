// Looks accounts up with one qmail-getpw(8) process that stays, instead of one process for each
// look-up.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sys/child.h"
#include "sys/fd.h"
#include "sys/own_program.h"
#include "sys/poller.h"
#include "sys/process.h"
#include "users/lookup_service.h"

namespace reqmail::spawn {

class ResidentLookup {
 public:
  // The time limit for an answer.
  static constexpr std::chrono::milliseconds kPatience{1000};
  // The time after a failure in which no new process is started.
  static constexpr std::chrono::milliseconds kPause{10000};

  // `home` is its working directory, `program` its path, and `mark` is that of OwnProgram.
  struct Settings {
    std::string home;
    std::string program;
    std::string mark;
    sys::Identity identity = {};
  };

  explicit ResidentLookup(Settings settings)
      : settings_(std::move(settings)), program_(settings_.program, settings_.mark) {}

  // Asks for the delivery in `slot`. Returns false if the caller must run the program instead.
  bool ask(unsigned slot, std::string_view local_part);

  // Drops the question of that delivery.
  void forget(unsigned slot);

  // Called when this child has ended and was reaped.
  void child_ended(pid_t child);

  // Called before each wait: adds the descriptor to wait for, and returns the time at which the
  // wait must end.
  void watch(sys::Poller& poller);
  [[nodiscard]] std::optional<std::chrono::milliseconds> wakes_at() const;

  struct Outcome {
    unsigned slot = 0;
    // nullopt means that there is no answer, so that the program must be run.
    std::optional<users::LookupAnswer> answer;
  };

  // Called after each wait: returns the results that have come.
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
  sys::OwnProgram program_;
  sys::Fd socket_;
  sys::Child child_;
  std::optional<std::size_t> watch_;
  std::uint32_t last_number_ = 0;
  std::map<std::uint32_t, Question> questions_;
  bool has_answered_ = false;
  std::chrono::milliseconds not_before_{0};
};

}  // namespace reqmail::spawn
