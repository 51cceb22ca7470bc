// What comes back from the spawners. Each report is logged and settled in the order in which it
// came; a failure is first noted down in bounce/N, durably, beside other work.
//
// Several failures of one message are noted down in one go. One that cannot be noted down holds
// up no other report: it is tried again every kAlertSleep, with one alert each time however
// many there are.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <unordered_set>

#include "scheduler/context.h"
#include "scheduler/passes.h"
#include "scheduler/report_reader.h"
#include "scheduler/router.h"

namespace reqmail::scheduler {

class Reports {
 public:
  // `router` knows how a bounce names a recipient.
  Reports(Passes& passes, const Router& router) : passes_(passes), router_(router) {}

  void on(const Reported& event, Context& context);
  void on(const BounceNoted& event, Context& context);

  // Tries again to note down what could not be noted down.
  void turn(Context& context);

  // qmail-send is to end: what cannot be noted down now is not done.
  void end(Context& context);

  // Returns whether no failure is being noted down.
  [[nodiscard]] bool at_rest() const { return noting_.empty(); }

  // When turn() has something to do.
  [[nodiscard]] std::optional<Steady> first() const { return again_; }

 private:
  // A report that has come and is not settled.
  struct Pending {
    enum class State : std::uint8_t {
      stray,    // no delivery runs in its slot
      ready,    // it can be settled
      unsent,   // the failure must be noted down first
      sent,     // it is being noted down
      refused,  // that has failed
    };

    Channel channel = Channel::local;
    Report report;
    // The user who has too many deliveries running, if that is what it says.
    std::string busy_user;
    State state = State::stray;
    // The spawner's own verdict is an acceptance or a refusal. A deferral that is a failure
    // since the message is too old is none.
    bool answered = false;
    // The line of a failure is in the log: others may be settled before it.
    bool logged = false;
  };

  void accept(Channel channel, Report report);
  void note_failures(Context& context);
  void settle_all(Context& context);
  bool settle(Pending& pending, Context& context);
  bool settle_failure(Pending& pending, Context& context);
  void settle_as(const Pending& pending, bool done, Context& context);
  [[nodiscard]] const mail::DsnRecipient* wish(const Delivery& delivery) const;
  [[nodiscard]] mail::DsnNotify wishes(const Delivery& delivery) const;
  void note(const Pending& pending, DsnAction action);
  void note_success(const Pending& pending);
  void note_delay(const Pending& pending);
  [[nodiscard]] MessageId message_of(const Pending& pending) const;

  Passes& passes_;
  const Router& router_;
  PerChannel<ReportReader> readers_;
  std::deque<Pending> pending_;
  // Messages of which a failure is being noted down.
  std::unordered_set<std::uint64_t> noting_;
  std::optional<Steady> again_;
};

}  // namespace reqmail::scheduler
