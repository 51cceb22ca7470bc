#include "net/tcpto.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <limits>

#include "sys/error.h"
#include "sys/file.h"
#include "sys/identity.h"
#include "sys/lock.h"
#include "sys/stream.h"

namespace reqmail::net {

namespace {

constexpr std::size_t kCountByte = 4;
constexpr std::size_t kTimeByte = 8;
constexpr std::size_t kTimeBytes = 4;
constexpr unsigned kPenaltyCount = 2;
// Counts are read as signed bytes, so a value above this is not a count.
constexpr unsigned kListedCountMax = 127;
constexpr std::int64_t kEvictionWeight = 1024;

unsigned byte_at(std::string_view bytes, std::size_t at) {
  return static_cast<unsigned char>(bytes[at]);
}

std::string encode(const TimeoutRecord& record) {
  std::string bytes(record.address.bytes().begin(), record.address.bytes().end());
  bytes.resize(kTcptoRecord, '\0');
  bytes[kCountByte] = static_cast<char>(record.count);
  auto seconds = static_cast<std::uint64_t>(base::to_epoch(record.last));
  for (std::size_t i = 0; i < kTimeBytes; ++i) {
    bytes[kTimeByte + i] = static_cast<char>(seconds & 0xff);
    seconds >>= 8;
  }
  return bytes;
}

base::Seconds penalty(unsigned pid) {
  return base::Seconds{(60 + std::int64_t{pid % 32}) * 64};
}

}  // namespace

TimeoutTable::TimeoutTable(std::string_view bytes) {
  bytes = bytes.substr(0, kTcptoSize);
  for (; bytes.size() >= kTcptoRecord; bytes.remove_prefix(kTcptoRecord)) {
    Slot slot;
    base::IpAddress::V4 address = {};
    for (std::size_t i = 0; i < address.size(); ++i) {
      address[i] = static_cast<std::uint8_t>(byte_at(bytes, i));
    }
    slot.record.address = base::IpAddress(address);
    slot.record.count = byte_at(bytes, kCountByte);
    std::int64_t seconds = 0;
    for (std::size_t i = kTimeBytes; i-- > 0;) {
      seconds = seconds << 8 | byte_at(bytes, kTimeByte + i);
    }
    slot.record.last = base::from_epoch(seconds);
    constexpr std::string_view kZeros("\0\0\0\0", 4);
    slot.sound = slot.record.count <= kTcptoCountMax &&
                 bytes.substr(kCountByte + 1, 3) == kZeros.substr(0, 3) &&
                 bytes.substr(kTimeByte + kTimeBytes, 4) == kZeros;
    slots_.push_back(slot);
  }
}

bool TimeoutTable::in_use(const Slot& slot, base::Time now) const {
  return slot.sound && slot.record.count > 0 && slot.record.last <= now;
}

std::vector<TimeoutRecord> TimeoutTable::listing() const {
  std::vector<TimeoutRecord> records;
  for (const Slot& slot : slots_) {
    if (slot.record.count > 0 && slot.record.count <= kListedCountMax) {
      records.push_back(slot.record);
    }
  }
  return records;
}

std::optional<std::size_t> TimeoutTable::find(const base::IpAddress& address,
                                              base::Time now) const {
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    const bool cleared = slots_[i].sound && slots_[i].record.count == 0;
    if ((cleared || in_use(slots_[i], now)) && slots_[i].record.address == address) {
      return i;
    }
  }
  return std::nullopt;
}

bool TimeoutTable::penalised(const base::IpAddress& address, base::Time now,
                             unsigned pid) const {
  const auto found = find(address, now);
  return found && slots_[*found].record.count >= kPenaltyCount &&
         now - slots_[*found].record.last < penalty(pid);
}

bool TimeoutTable::counts(const base::IpAddress& address, base::Time now) const {
  const auto found = find(address, now);
  return found && slots_[*found].record.count > 0;
}

std::optional<TimeoutTable::Change> TimeoutTable::after(const base::IpAddress& address,
                                                        bool timed_out, base::Time now) const {
  if (address.family() != base::Family::v4) {
    return std::nullopt;
  }
  const auto found = find(address, now);
  if (found) {
    TimeoutRecord record = slots_[*found].record;
    if (!timed_out) {
      record.count = 0;
    } else if (record.count > 0 && now - record.last < kTcptoPause) {
      return std::nullopt;
    } else {
      record.count = std::min(record.count + 1, kTcptoCountMax);
      record.last = now;
    }
    return Change{*found * kTcptoRecord, encode(record)};
  }
  if (!timed_out || slots_.empty()) {
    return std::nullopt;
  }
  std::size_t place = 0;
  std::int64_t lowest = std::numeric_limits<std::int64_t>::max();
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    if (!in_use(slots_[i], now)) {
      place = i;
      break;
    }
    const TimeoutRecord& record = slots_[i].record;
    const std::int64_t weight = base::to_epoch(record.last) + kEvictionWeight * record.count;
    if (weight < lowest) {
      lowest = weight;
      place = i;
    }
  }
  return Change{place * kTcptoRecord, encode({address, 1, now})};
}

Result<TimeoutTable> read_timeouts(int fd) {
  std::string bytes(kTcptoSize, '\0');
  auto count = sys::read_some(fd, bytes.data(), bytes.size());
  if (!count) {
    return count.error();
  }
  return TimeoutTable(std::string_view(bytes).substr(0, *count));
}

Result<sys::Fd> open_timeouts(const std::string& path) {
  return sys::open_regular_read_write(path);
}

Result<void> become_table_owner() {
  if (::geteuid() != 0) {
    return {};
  }
  const auto owner = sys::account_identity(sys::Account::qmailr);
  if (!owner) {
    return sys::system_failure("no such account", ENOENT);
  }
  return sys::become_without_groups(*owner);
}

Result<TimeoutTable> read_timeouts(const std::string& path) {
  auto file = open_timeouts(path);
  if (!file) {
    return file.error();
  }
  return read_timeouts(file->get());
}

void note_timeout(const std::string& path, const base::IpAddress& address, bool timed_out,
                  base::Time now) {
  auto file = open_timeouts(path);
  if (!file || !sys::lock_exclusive(file->get())) {
    return;
  }
  const auto table = read_timeouts(file->get());
  if (!table) {
    return;
  }
  if (const auto change = table->after(address, timed_out, now)) {
    (void)!::pwrite(file->get(), change->record.data(), change->record.size(),
                    static_cast<off_t>(change->offset));
  }
}

Result<void> clear_timeouts(const std::string& path) {
  auto file = open_timeouts(path);
  if (!file) {
    return file.error().error == ENOENT ? Result<void>() : file.error();
  }
  if (auto locked = sys::lock_exclusive(file->get()); !locked) {
    return locked;
  }
  return sys::write_all(file->get(), std::string(kTcptoSize, '\0'));
}

}  // namespace reqmail::net
