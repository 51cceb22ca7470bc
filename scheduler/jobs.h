// What qmail-send holds in memory: messages, jobs (a message on a channel while it is worked
// on), deliveries.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scheduler/events.h"

namespace reqmail::scheduler {

// How far the files of a message are (see rules of todo/N in the header of scheduler.h).
enum class Stage : std::uint8_t {
  written,   // info/N and the recipient files are written, todo/N is there
  syncing,   // the same, and the files are being synced
  cleaning,  // qmail-clean has been asked for todo/N
  queued,    // todo/N is gone
  ending,    // qmail-clean has been asked for mess/N
};

// Where a message is on a channel.
enum class Place : std::uint8_t {
  none,     // no recipients, or no more: no file
  waiting,  // in the waiting line
  open,     // a job
  through,  // every recipient is done, the file is there still because todo/N is
};

// Of a message that came in this qmail-send's time: its first pass needs no file.
struct FreshData {
  std::string sender;
  Time birth{};
  PerChannel<std::string> records;
};

struct Message {
  Stage stage = Stage::queued;
  PerChannel<Place> place{};
  // bounce/N may exist.
  bool may_bounce = true;
  // A queue program is getting the bounce.
  bool bounce_running = false;
  // The bounce has gone out, but bounce/N is there still.
  bool bounce_sent = false;
  // All that can be done for the recipients is done; the message is to leave the queue.
  bool finished = false;
  bool info_removed = false;
  // The files are durable, todo/N may go.
  bool synced = false;
  // A sync failed: the files must be written anew.
  bool rewrite = false;
  // A step of the end failed and is tried again later.
  bool held = false;
  // On the local channel it waits in BusyUsers, not in the waiting line.
  bool parked = false;
  // New mail waits until this bounced message has left.
  bool holds_todo = false;
  // It had recipients when this qmail-send looked.
  bool had_recipients = false;
  // A new todo/N has been seen already: the number is in use again.
  bool todo_again = false;
  std::unique_ptr<FreshData> fresh;

  [[nodiscard]] bool todo_there() const {
    return stage == Stage::written || stage == Stage::syncing || stage == Stage::cleaning;
  }

  [[nodiscard]] bool all_through() const {
    for (const Channel channel : kChannels) {
      if (place[channel] == Place::waiting || place[channel] == Place::open) {
        return false;
      }
    }
    return true;
  }
};

// A message on one channel while its pass runs or deliveries of it are out.
struct Job {
  bool used = false;
  MessageId id{0};
  Channel channel = Channel::local;
  std::string sender;
  Time retry{};
  // Older than queuelifetime: a deferral is a failure.
  bool dying = false;
  bool pass_open = false;
  unsigned deliveries = 0;
  // Recipients seen that are not done.
  std::uint64_t remaining = 0;
  // Users whom some of them wait for, and whether a delivery was refused for that.
  std::map<std::string, bool> busy_users;
  // Some of them wait for another reason, which has a time.
  bool deferred = false;
};

// Jobs by a number that stays theirs.
class Jobs {
 public:
  std::size_t add(Job job);

  void remove(std::size_t number);

  Job& operator[](std::size_t number) { return jobs_[number]; }

 private:
  std::vector<Job> jobs_;
  std::vector<std::size_t> free_;
};

// One delivery that a spawner works on.
struct Delivery {
  bool used = false;
  // Its report has come and waits for its turn.
  bool reported = false;
  std::uint64_t number = 0;
  std::size_t job = 0;
  std::uint64_t offset = 0;
  std::string recipient;
};

// The slots of a channel; the lowest free one is taken.
class Slots {
 public:
  void set_limit(unsigned limit) { slots_.resize(limit); }

  [[nodiscard]] unsigned limit() const { return static_cast<unsigned>(slots_.size()); }

  [[nodiscard]] unsigned running() const { return running_; }

  [[nodiscard]] bool full() const { return running_ >= limit(); }

  // Not to be called when full.
  unsigned take(Delivery delivery);

  void release(unsigned slot);

  // The delivery in a slot; null where none runs there.
  Delivery* find(unsigned slot);

 private:
  std::vector<Delivery> slots_;
  unsigned running_ = 0;
};

// Walks over the records of a recipient file, chunk by chunk.
struct Pass {
  std::size_t job = 0;
  RecordChunk chunk;
  std::size_t position = 0;
};

struct PassRecord {
  std::uint64_t offset = 0;
  char letter = '\0';
  std::string_view recipient;
};

// The record at the pass's place, without moving; nothing at the end of the chunk.
std::optional<PassRecord> record_at(const Pass& pass);

// Moves behind a record that record_at() gave.
void advance(Pass& pass, const PassRecord& record);

// Whether the chunk ends in the middle of a record.
inline bool unfinished(const Pass& pass) {
  return pass.position < pass.chunk.records.size();
}

}  // namespace reqmail::scheduler
