// Goes through the queue in pieces that a thread can do beside the main loop: new mail and
// reports wait neither for a directory of many names nor for a disk that is slow.
//
// What a piece found may have changed when the loop gets to know it. A message that has ended
// meanwhile is left out, or it would wait in memory for files that are gone. A leftover is
// examined again, or a new message that has got its number would be removed.
#pragma once

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
  ScanPiece(std::unique_ptr<QueueScan> scan, base::Time now)
      : scan_(std::move(scan)), now_(now) {}

  // Examines messages for some milliseconds, or lists a directory, however long that takes.
  void work();

 private:
  friend class ScanPieces;

  std::unique_ptr<QueueScan> scan_;
  base::Time now_;
  std::vector<scheduler::Event> events_;
  // Whether there may be more to examine.
  bool more_ = true;
};

// Hands the pieces out, one after the other, and takes them back.
class ScanPieces {
 public:
  ScanPieces(queue::Files& files, mail::QueueLayout layout);

  // These are what QueueScan does. While a piece is under way they count from the next one on.
  void find_messages();
  void find_leftovers();
  void retry();

  // Returns the next piece; nullopt if one is under way or there is nothing to do.
  std::optional<ScanPiece> next(base::Time now);

  // Takes a piece back that is done. Returns the events for the scheduler.
  std::vector<scheduler::Event> take(ScanPiece piece, base::Time now);

  // Returns whether a piece is under way.
  [[nodiscard]] bool under_way() const { return scan_ == nullptr; }

  // All messages that are still to be found are due now (ALRM).
  void all_due();

  // Must be called when info/N of a message is removed.
  void ended(mail::MessageId id);

  // That of QueueScan; true while a piece is under way.
  [[nodiscard]] bool may_have_list(mail::MessageId id) const {
    return under_way() || scan_->may_have_list(id);
  }

 private:
  // Returns whether the event is still true.
  [[nodiscard]] bool holds(const scheduler::Event& event, base::Time now);
  void do_what_waited();

  queue::Files& files_;
  mail::QueueLayout layout_;
  // Null while a piece is under way.
  std::unique_ptr<QueueScan> scan_;
  // Whether there may be something to examine.
  bool more_ = false;
  // What was asked for while a piece was under way.
  bool leftovers_wanted_ = false;
  bool retry_wanted_ = false;
  // Whether ALRM came while messages were looked for.
  bool all_due_ = false;
  // The messages that ended while the piece was under way.
  std::unordered_set<std::uint64_t> ended_;
};

}  // namespace reqmail::send
