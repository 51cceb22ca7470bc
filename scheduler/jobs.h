// What qmail-send works on: jobs (a message on a channel while its list is gone through or
// deliveries of it run), the deliveries in their slots, and the walk over a recipient file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "scheduler/deferred_recipients.h"
#include "scheduler/events.h"
#include "scheduler/notice_text.h"

namespace reqmail::scheduler {

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
  // What the sender wants to be told, and whether it is time to tell of the delay.
  std::optional<mail::DsnRequest> dsn;
  Time birth{};
  bool late = false;
  std::vector<Notice> notices;
  unsigned deliveries = 0;
  // Recipients seen that are not done.
  std::uint64_t remaining = 0;
  // Users whom some of them wait for, and whether a delivery was refused for that.
  std::map<std::string, bool> busy_users;
  // Some of them wait for another reason, which has a time.
  bool deferred = false;
  // A part of the list could not be read.
  bool unread = false;
  // Domains that some of them wait for (scheduler/domain_limits.h).
  std::set<std::string> domains;
  // Recipients whose time has not come, as they were when the job began, and as they are to be
  // kept if the message waits for domains.
  NextTries not_yet;
  NextTries put_off;
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

  // The delivery in a slot; null if none runs there.
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
  // The positions of the records in the order in which they are gone through; empty: as they
  // stand there.
  std::vector<std::size_t> order = {};
  // The place of `position` in `order`.
  std::size_t place = 0;
};

struct PassRecord {
  std::uint64_t offset = 0;
  char letter = '\0';
  std::string_view recipient;
};

// The record at the pass's place, without moving; nullopt at the end of the chunk.
std::optional<PassRecord> record_at(const Pass& pass);

// Moves past a record that record_at() gave.
void advance(Pass& pass, const PassRecord& record);

// At the beginning of a chunk: up to `most` recipients of a host at a time will come one after
// the other, hosts in the order of their first recipients, and so again with those that are
// left. A chunk that ends in the middle of a record keeps its order.
void put_hosts_together(Pass& pass, std::uint64_t most);

// Returns whether the chunk ends in the middle of a record.
inline bool unfinished(const Pass& pass) {
  return pass.position < pass.chunk.records.size();
}

}  // namespace reqmail::scheduler
