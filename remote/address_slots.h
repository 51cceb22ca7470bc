// How many connections one address may have at a time, counted over all qmail-remote that one
// qmail-rspawn has started: otherwise a host that is slow on purpose holds all of them.
//
// The table is a file in memory without a name. Who claims a connection locks an entry of it
// (a record lock, which ends with the process and lasts when it becomes another program);
// entries that were given back say when, so that others can see whether waiting makes sense.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/ip_address.h"
#include "base/result.h"
#include "base/time.h"
#include "sys/fd.h"

namespace reqmail::remote {

// More connections than any qmail-rspawn can have.
inline constexpr unsigned kAddressSlotsMax = 255;
inline constexpr std::size_t kAddressSlotEntries = 512;
// An address takes mail as fast as it can if a connection that lasted no longer than this has
// ended no longer ago than this.
inline constexpr base::Seconds kMovesFor(60);

class AddressSlots {
 public:
  // A new table for `limit` connections an address, from 1 to kAddressSlotsMax.
  static Result<sys::Fd> make(unsigned limit);

  // A table that this process has inherited, with what the program before this one claimed;
  // nullopt if the descriptor is something else. It must stay open: closing it, or another
  // descriptor of the table, gives up the claim.
  static std::optional<AddressSlots> inherited(int table);

  // Claims a connection to an address, in the place of an earlier claim. False: all are taken.
  // All IPv6 addresses of a /64 count as one.
  bool claim(const base::IpAddress& address);

  // Gives it back, if there is one.
  void give_back();

  // Whether connections to the address have ended lately, and soon.
  [[nodiscard]] bool moves(const base::IpAddress& address) const;

 private:
  struct Entry;

  AddressSlots(int table, unsigned limit) : table_(table), limit_(limit) {}

  [[nodiscard]] std::vector<Entry> read() const;
  [[nodiscard]] bool write(std::size_t index, const Entry& entry) const;
  void free_claim();
  [[nodiscard]] std::optional<std::size_t> lock_oldest(const std::vector<Entry>& entries) const;

  int table_;
  unsigned limit_;
  std::optional<std::size_t> claimed_;
};

}  // namespace reqmail::remote
