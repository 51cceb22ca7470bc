// Passes over the recipients of waiting messages, one at a time on each channel, and the
// deliveries begun in them: the waiting lines, the jobs, the slots of the spawners.
//
// A message waits in its channel's line until its time has come. Then its list is gone through
// from the beginning (a pass), and each recipient that is not done gets a delivery, one a turn,
// as slots become free. The message's job ends with the pass and the last of its deliveries:
// then the list goes if all are done, or the message waits again.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "scheduler/busy_users.h"
#include "scheduler/context.h"
#include "scheduler/deferred_recipients.h"
#include "scheduler/domain_limits.h"
#include "scheduler/durability.h"
#include "scheduler/jobs.h"
#include "scheduler/marks.h"
#include "scheduler/schedule.h"

namespace reqmail::scheduler {

class Passes {
 public:
  struct Limits {
    PerChannel<std::uint64_t> concurrency;
    Seconds lifetime;
    // So many recipients of a message can go to a host together.
    std::uint64_t together = 1;
  };

  // How a delivery ended: the recipient is done, or waits for its next try.
  struct Settlement {
    bool done = false;
    // The spawner said that the message was accepted or refused, and not deferred.
    bool answered = false;
    // The user who has too many deliveries running, if that is why it waits.
    std::string busy_user;
  };

  Passes(const Limits& limits, const DomainRules& domains, Durability& durability, Marks& marks)
      : limits_(limits), durability_(durability), marks_(marks) {
    domains_.set(domains);
  }

  void on(const Started& event, Context& context);
  void on(const Alarm& event, Context& context);
  void on(const Reread& event, Context& context);
  void on(const ChannelLost& event, Context& context);
  void on(const ChannelWritable& event, Context& context);
  void on(const PassOpened& event, Context& context);
  void on(const PassRead& event, Context& context);
  void on(const PassFailed& event, Context& context);
  void on(const BirthNotSet& event, Context& context);
  void on(const RetimeFailed& event, Context& context);

  // What is due by the clock, then one recipient of each channel.
  void turn(Context& context);

  // The message waits on the channel until `due`.
  void wait(Channel channel, MessageId id, Time due, Context& context);

  // The delivery that a spawner's report is about; null if none runs in the slot.
  Delivery* delivery(Channel channel, unsigned slot) { return slots_[channel].find(slot); }

  const Job& job_of(const Delivery& delivery) { return jobs_[delivery.job]; }

  // Notes down what the sender is to be told of the recipient of a delivery. The report is
  // queued when the message has been gone through.
  void note(const Delivery& delivery, Notice notice);

  // A delivery has ended, and its slot is free.
  void settle(Channel channel, unsigned slot, const Settlement& settlement, Context& context);

  // Everybody who waits goes on waiting as long as before: the clock was set back.
  void shift_back(Seconds by);

  // Returns whether no delivery is under way of which a report may come.
  [[nodiscard]] bool at_rest() const;

  // At the end: keeps the times of the next tries as times of the files.
  void keep_times(Context& context) const;

  // The date at which turn() has something to do.
  [[nodiscard]] std::optional<Time> first() const;

  // When a limit of a domain allows another delivery.
  [[nodiscard]] std::optional<Steady> next_start() const { return domains_.first(); }

  void log_status(Context& context) const;

 private:
  void step(Channel channel, Context& context);
  bool must_wait(Channel channel, const PassRecord& record, Context& context);
  bool wait_for_user(const PassRecord& record);
  bool wait_for_domain(const PassRecord& record, Context& context);
  void note_places();
  bool wait_for_time(Job& job, std::uint64_t offset, Time now);
  bool end_of_chunk(Channel channel, Context& context);
  void open_pass(Channel channel, Context& context);
  void begin_chunk(Channel channel, RecordChunk chunk);
  void begin_pass(Channel channel, MessageId id, std::string_view sender, Time birth,
                  RecordChunk chunk, Context& context);
  void set_wishes(Channel channel, const PassOpened& event, bool is_first, Message& message,
                  Context& context);
  static void send_notices(Job& job, Context& context);
  static bool was_emptied(const PassOpened& event, const Message& message, Time now);
  void start_delivery(Channel channel, const PassRecord& record, Context& context);
  void abandon_pass(Channel channel, Context& context);
  void put_off_rest(Channel channel, Context& context);
  void end_pass(Channel channel, Context& context);
  void close_job_if_idle(std::size_t number, Context& context);
  bool park(Job& job, Time now);
  bool park_for_domains(Job& job);
  void gone_through(Channel channel, MessageId id);
  bool unpark(MessageId id, Context& context);
  void call(Context& context);
  void try_parked(const std::string& user, Context& context);

  Limits limits_;
  Durability& durability_;
  Marks& marks_;
  PerChannel<WaitingLine> waiting_;
  PerChannel<std::optional<Pass>> pass_;
  PerChannel<Slots> slots_;
  PerChannel<bool> alive_{{true, true}};
  PerChannel<bool> writable_{{true, true}};
  BusyUsers busy_users_;
  DomainLimits domains_;
  DeferredRecipients deferred_;
  Jobs jobs_;
  std::uint64_t last_delivery_ = 0;
};

}  // namespace reqmail::scheduler
