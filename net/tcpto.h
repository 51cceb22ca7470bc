// queue/lock/tcpto: the addresses that did not answer recently (qmail-tcpto(8)). All
// qmail-remote processes share the file. It has 64 records of 16 bytes: address, number of
// time-outs, three zeros, time of the last time-out as four bytes (low byte first), four zeros.
// It is for IPv4 only.
//
// An invalid record (with a number above ten, bytes that must be zero but are not, or a time in
// the future) counts as free.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ip_address.h"
#include "base/result.h"
#include "base/time.h"
#include "sys/fd.h"

namespace reqmail::net {

inline constexpr std::size_t kTcptoRecord = 16;
inline constexpr std::size_t kTcptoRecords = 64;
inline constexpr std::size_t kTcptoSize = kTcptoRecord * kTcptoRecords;
// The maximum of a count.
inline constexpr unsigned kTcptoCountMax = 10;
// Time-outs sooner than this after the last one do not count.
inline constexpr base::Seconds kTcptoPause(120);

struct TimeoutRecord {
  base::IpAddress address;
  unsigned count = 0;
  base::Time last;
};

// The contents of the table.
class TimeoutTable {
 public:
  // Reads the complete records among the first 1024 bytes.
  explicit TimeoutTable(std::string_view bytes);

  // Returns every record with a count from 1 to 127, in the table's order, valid or not.
  [[nodiscard]] std::vector<TimeoutRecord> listing() const;

  // Returns whether an address should not be tried: it has at least two time-outs, the last of
  // them less than (60 + pid mod 32) * 64 seconds ago. The pid makes the processes try again at
  // different times.
  [[nodiscard]] bool penalised(const base::IpAddress& address, base::Time now,
                               unsigned pid) const;

  // Returns whether a success of this address would change the table.
  [[nodiscard]] bool counts(const base::IpAddress& address, base::Time now) const;

  struct Change {
    std::size_t offset = 0;
    std::string record;
  };

  // Returns the change of the table after a time-out, or after an event that shows that the
  // host is alive; nullopt if the table does not change. An address that has a record keeps it;
  // a new one gets the first free record, or in a full table the one with the smallest time +
  // 1024 * count.
  [[nodiscard]] std::optional<Change> after(const base::IpAddress& address, bool timed_out,
                                            base::Time now) const;

 private:
  // Returns the index of the record for an address, even if it was cleared.
  [[nodiscard]] std::optional<std::size_t> find(const base::IpAddress& address,
                                                base::Time now) const;

  struct Slot {
    TimeoutRecord record;
    bool sound = true;
  };

  [[nodiscard]] bool in_use(const Slot& slot, base::Time now) const;

  std::vector<Slot> slots_;
};

// For tools that root may run. Another account can write the directory and replace the table by
// a symbolic link, so root becomes qmailr, which owns the table. Failure.error is the errno.
Result<void> become_table_owner();

// Opens the table for reading and writing, without blocking; a FIFO, a socket or a device is an
// error. Failure.error is the errno.
Result<sys::Fd> open_timeouts(const std::string& path);

// Reads the table. This needs no lock, since a change is one write of one record. A process
// that may not change the table must not use it either, since it could never clear an entry.
Result<TimeoutTable> read_timeouts(const std::string& path);
Result<TimeoutTable> read_timeouts(int fd);

// Records the result of a connection, under the table's lock. If the table is missing or cannot
// be written, nothing is recorded, and this is not an error.
void note_timeout(const std::string& path, const base::IpAddress& address, bool timed_out,
                  base::Time now);

// Clears every time-out, under the table's lock. It is not an error if there is no table.
Result<void> clear_timeouts(const std::string& path);

}  // namespace reqmail::net
