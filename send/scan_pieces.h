// Goes through the queue in pieces that a thread can do beside the main loop: new mail and
// reports wait neither for a directory of many names nor for a disk that is slow.
//
// What a piece found may have changed when the loop gets to know it. A message that has ended
// meanwhile is left out, or it would wait in memory for files that are gone. A leftover is
// examined again, or a new message that has got its number would be removed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <unordered_set>
#include <vector>

#include "base/time.h"
#include "mail/queue_names.h"
#include "queue/files.h"
#include "scheduler/events.h"
#include "send/queue_scan.h"

namespace reqmail::send {

// A piece of the scan. It owns what it uses, except for the files, so it may be done by another
// thread.
class ScanPiece {
 public:
  ScanPiece(std::unique_ptr<QueueScan> scan, std::size_t place, base::Time now)
      : scan_(std::move(scan)), place_(place), now_(now) {}

  // Examines messages for some milliseconds, or lists a directory, however long that takes.
  void work();

 private:
  friend class ScanPieces;

  std::unique_ptr<QueueScan> scan_;
  // That of the scan in ScanPieces.
  std::size_t place_;
  base::Time now_;
  std::vector<scheduler::Event> events_;
  // Whether there may be more to examine.
  bool more_ = true;
};

// Hands the pieces out and takes them back: one at a time, and two of a queue that is long.
class ScanPieces {
 public:
  ScanPieces(queue::Files& files, mail::QueueLayout layout);

  // These are what QueueScan does. While pieces are under way they count from the next ones on.
  void find_messages();
  void find_leftovers();
  void retry();

  // Returns the next piece; nullopt if all that can be done is under way.
  std::optional<ScanPiece> next(base::Time now);

  // Takes a piece back that is done. Returns the events for the scheduler.
  std::vector<scheduler::Event> take(ScanPiece piece, base::Time now);

  // Returns whether a piece is under way.
  [[nodiscard]] bool under_way() const;

  // Returns true once when all that was handed out has come back and there is no more.
  [[nodiscard]] bool has_ended();

  // All messages that are still to be found are due now (ALRM).
  void all_due();

  // Must be called when info/N of a message is removed.
  void ended(mail::MessageId id);

  // That of QueueScan; true while a piece is under way.
  [[nodiscard]] bool may_have_list(mail::MessageId id) const;

 private:
  struct Place {
    // Null while its piece is under way.
    std::unique_ptr<QueueScan> scan;
    // Whether there may be something to examine.
    bool more = false;
    // What was asked for while the piece was under way.
    bool retry_wanted = false;
    // The messages that ended while the piece was under way.
    std::unordered_set<std::uint64_t> ended;
  };

  // Returns whether the event is still true.
  [[nodiscard]] bool holds(const scheduler::Event& event, const Place& place,
                           base::Time now) const;
  // Returns whether a piece is under way, or the condition holds for another place.
  template <class Condition>
  [[nodiscard]] bool under_way_or(Condition condition) const;
  [[nodiscard]] bool may_find_messages() const;
  void do_what_waited(Place& place);
  void divide();

  queue::Files& files_;
  mail::QueueLayout layout_;
  // The second one is made for a long queue.
  std::vector<Place> places_;
  std::size_t taken_ = 0;
  // A piece has been handed out since has_ended() returned true.
  bool has_begun_ = false;
  bool leftovers_wanted_ = false;
  // Whether ALRM came while messages were looked for.
  bool all_due_ = false;
};

}  // namespace reqmail::send
