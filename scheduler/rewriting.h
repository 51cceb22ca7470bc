// A todo/N on its way into info/N, local/N and remote/N.
//
// Its envelope may have any length, so it comes in parts. One that is a single part is checked
// and written in one go. A longer one is read twice: once to check it (nothing is written of an
// envelope that is damaged somewhere) and, at a restart, to compare it with the files that are
// there; and once to write it, unless these files can stay.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "scheduler/events.h"
#include "scheduler/router.h"

namespace reqmail::scheduler {

struct Rewriting {
  enum class Step : std::uint8_t { check, compare, write };
  enum class Fault : std::uint8_t { none, unfinished, unknown_record, unsure_route };

  Rewriting(MessageId number, std::uint64_t message_size, std::optional<Leftovers> found);

  // From the beginning of the envelope.
  void begin();

  // From the beginning of the envelope once more, to write.
  void begin_writing();

  // Returns whether recipients are routed in this step, or only looked at.
  [[nodiscard]] bool routes(const RecordChunk& chunk) const {
    return step != Step::check || (first && chunk.last);
  }

  // Takes the records of a part; `recipients` are those of this part then.
  Fault take(const RecordChunk& chunk, const Router& router);

  MessageId id;
  std::uint64_t size;
  std::optional<Leftovers> leftovers;
  Step step = Step::check;
  // The part at hand is the first, the last of this step.
  bool first = true;
  bool last = false;
  std::uint64_t uid = 0;
  std::uint64_t pid = 0;
  bool has_sender = false;
  std::string sender;
  PerChannel<std::string> recipients;
  // The sender wants to be told something.
  bool wants_reports = false;
  // Some part of this step had recipients on the channel.
  PerChannel<bool> any;

 private:
  // From the records read so far; they count if the sender follows.
  std::uint64_t next_uid_ = 0;
  std::uint64_t next_pid_ = 0;
};

}  // namespace reqmail::scheduler
