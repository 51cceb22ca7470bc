#include "remote/address_slots.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>
#include <string>

#include "sys/clock.h"
#include "sys/file.h"
#include "sys/lock.h"
#include "sys/secrets.h"

namespace reqmail::remote {

namespace {

using Key = std::array<std::uint8_t, 16>;

struct Header {
  std::array<char, 12> magic = {'r', 'e', 'q', 'm', 'a', 'i', 'l', 's', 'l', 'o', 't', 's'};
  std::uint32_t limit = 0;
};

// Of an entry that is claimed, or whose process died with it.
constexpr std::int64_t kNotGivenBack = std::numeric_limits<std::int64_t>::max();
// The byte whose lock serialises changes; those of the entries come before it.
constexpr off_t kTableLock = kAddressSlotEntries;

// An IPv4 address as it is mapped into IPv6; of an IPv6 address the half that its owner cannot
// choose.
Key key_of(const base::IpAddress& address) {
  Key key = {};
  const auto bytes = address.bytes();
  if (address.family() == base::Family::v4) {
    key[10] = key[11] = 0xff;
    std::copy(bytes.begin(), bytes.end(), key.begin() + 12);
  } else {
    std::copy_n(bytes.begin(), key.size() / 2, key.begin());
  }
  return key;
}

// Holds the table while it is looked at and changed.
class Turn {
 public:
  explicit Turn(int table) : table_(table) {
    (void)sys::lock_byte(table, kTableLock).has_value();
  }

  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;
  Turn(Turn&&) = delete;
  Turn& operator=(Turn&&) = delete;

  ~Turn() { sys::unlock_byte(table_, kTableLock); }

 private:
  int table_;
};

}  // namespace

struct AddressSlots::Entry {
  Key key = {};
  // Milliseconds of sys::monotonic().
  std::int64_t claimed = 0;
  std::int64_t given_back = 0;
  std::int64_t pid = 0;
};

Result<sys::Fd> AddressSlots::make(unsigned limit) {
  Header header;
  header.limit = limit;
  std::string content(sizeof header + kAddressSlotEntries * sizeof(Entry), '\0');
  std::memcpy(content.data(), &header, sizeof header);
  return sys::make_secret_file(content);
}

std::optional<AddressSlots> AddressSlots::inherited(int table) {
  const auto status = sys::status(table);
  Header header;
  if (!status || status->st_nlink != 0 ||
      status->st_size != sizeof header + kAddressSlotEntries * sizeof(Entry) ||
      ::pread(table, &header, sizeof header, 0) != sizeof header ||
      header.magic != Header().magic || header.limit == 0) {
    return std::nullopt;
  }
  AddressSlots slots(table, header.limit);
  const auto entries = slots.read();
  for (std::size_t i = 0; i < entries.size(); ++i) {
    if (entries[i].given_back == kNotGivenBack && entries[i].pid == ::getpid()) {
      slots.claimed_ = i;
    }
  }
  return slots;
}

std::vector<AddressSlots::Entry> AddressSlots::read() const {
  std::vector<Entry> entries(kAddressSlotEntries);
  const std::size_t size = entries.size() * sizeof(Entry);
  if (::pread(table_, entries.data(), size, sizeof(Header)) != static_cast<ssize_t>(size)) {
    entries.clear();
  }
  return entries;
}

bool AddressSlots::write(std::size_t index, const Entry& entry) const {
  const auto offset = static_cast<off_t>(sizeof(Header) + index * sizeof entry);
  return ::pwrite(table_, &entry, sizeof entry, offset) == sizeof entry;
}

void AddressSlots::free_claim() {
  if (claimed_) {
    const auto entries = read();
    if (*claimed_ < entries.size()) {
      Entry entry = entries[*claimed_];
      entry.given_back = sys::monotonic().count();
      (void)write(*claimed_, entry);
    }
    sys::unlock_byte(table_, static_cast<off_t>(*claimed_));
    claimed_.reset();
  }
}

void AddressSlots::give_back() {
  const Turn turn(table_);
  free_claim();
}

// The entry that was given back first; those of processes that died come last.
std::optional<std::size_t> AddressSlots::lock_oldest(const std::vector<Entry>& entries) const {
  std::vector<std::size_t> order(entries.size());
  for (std::size_t i = 0; i < order.size(); ++i) {
    order[i] = i;
  }
  std::stable_sort(order.begin(), order.end(), [&entries](std::size_t a, std::size_t b) {
    return entries[a].given_back < entries[b].given_back;
  });
  const auto found = std::find_if(order.begin(), order.end(), [this](std::size_t index) {
    return sys::try_lock_byte(table_, static_cast<off_t>(index)).has_value();
  });
  return found == order.end() ? std::nullopt : std::optional(*found);
}

bool AddressSlots::claim(const base::IpAddress& address) {
  const Turn turn(table_);
  free_claim();
  const auto entries = read();
  const Key key = key_of(address);
  unsigned taken = 0;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    if (entries[i].key == key && entries[i].given_back == kNotGivenBack &&
        sys::is_byte_locked(table_, static_cast<off_t>(i))) {
      ++taken;
    }
  }
  if (taken >= limit_) {
    return false;
  }
  // A table that is broken or full limits nobody.
  claimed_ = lock_oldest(entries);
  if (claimed_) {
    (void)write(*claimed_, {key, sys::monotonic().count(), kNotGivenBack, ::getpid()});
  }
  return true;
}

bool AddressSlots::moves(const base::IpAddress& address) const {
  const Key key = key_of(address);
  const std::int64_t now = sys::monotonic().count();
  constexpr std::int64_t kShort = std::chrono::milliseconds(kMovesFor).count();
  const auto entries = read();
  return std::any_of(entries.begin(), entries.end(), [&](const Entry& entry) {
    return entry.key == key && entry.given_back != kNotGivenBack &&
           now - entry.given_back <= kShort && entry.given_back - entry.claimed <= kShort;
  });
}

}  // namespace reqmail::remote
