// queue/lock/tcpto: which addresses did not answer lately (qmail-tcpto(8)). Shared by every
// qmail-remote; 64 records of 16 bytes: address, count of time-outs, three zeros, time of the
// last as four bytes (low first), four zeros. IPv4 only.
//
// A record that cannot be one of ours (a count above ten, bytes set that must be zero, a time
// that has not come) counts as free.
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
// A count does not rise above this.
inline constexpr unsigned kTcptoCountMax = 10;
// Time-outs sooner than this after the last one do not count.
inline constexpr base::Seconds kTcptoPause(120);

struct TimeoutRecord {
  base::IpAddress address;
  unsigned count = 0;
  base::Time last;
};

// The table as a value.
class TimeoutTable {
 public:
  // The whole records among the first 1024 bytes.
  explicit TimeoutTable(std::string_view bytes);

  // Every record with a count from 1 to 127, in the table's order, sound or not.
  [[nodiscard]] std::vector<TimeoutRecord> listing() const;

  // Whether an address should be left alone: two time-outs or more, the last of them less than
  // (60 + pid mod 32) * 64 seconds ago; the pid spreads the processes that try again.
  [[nodiscard]] bool penalised(const base::IpAddress& address, base::Time now,
                               unsigned pid) const;

  // Whether a success of this address would change the table.
  [[nodiscard]] bool counts(const base::IpAddress& address, base::Time now) const;

  struct Change {
    std::size_t offset = 0;
    std::string record;
  };

  // What a time-out, or anything else that shows the host alive, makes of the table; nothing
  // where it stays as it is. An address that has been there keeps its record; a new one takes
  // the first free record, or in a full table the one with the smallest time + 1024 * count.
  [[nodiscard]] std::optional<Change> after(const base::IpAddress& address, bool timed_out,
                                            base::Time now) const;

 private:
  // The record of an address, cleared ones too.
  [[nodiscard]] std::optional<std::size_t> find(const base::IpAddress& address,
                                                base::Time now) const;

  struct Slot {
    TimeoutRecord record;
    bool sound = true;
  };

  [[nodiscard]] bool in_use(const Slot& slot, base::Time now) const;

  std::vector<Slot> slots_;
};

// For tools that root may run: another account can write the directory and put a link in the
// table's place, so root becomes qmailr, whose the table is. Failure.error is the errno.
Result<void> become_table_owner();

// Opens the table to read and change it, without ever waiting; a FIFO, a socket or a device is
// none. Failure.error is the errno.
Result<sys::Fd> open_timeouts(const std::string& path);

// Reads the table, without a lock: a change is one write of one record. Whoever may not change
// it does not go by it either: what is noted there could never be cleared.
Result<TimeoutTable> read_timeouts(const std::string& path);
Result<TimeoutTable> read_timeouts(int fd);

// Notes how a connection went, under the table's lock. A table that is not there, or cannot be
// written, is no trouble: nothing is noted.
void note_timeout(const std::string& path, const base::IpAddress& address, bool timed_out,
                  base::Time now);

// Forgets every time-out, under the table's lock. Where there is no table, there is nothing to
// forget.
Result<void> clear_timeouts(const std::string& path);

}  // namespace reqmail::net
