#include "remote/shared_slots.h"

#include <cstdint>
#include <string>
#include <utility>

#include "base/number.h"
#include "control/derived.h"
#include "control/files.h"
#include "sys/env.h"

namespace reqmail::remote {

namespace {

constexpr const char* kVariable = "QMAILREMOTESLOTS";

// An unreadable file counts as absent: netqmail's qmail-rspawn reads no control files, and mail
// must not stop for want of a limit.
std::uint64_t connections_per_address() {
  control::ControlFiles files(control::ControlFiles::Unreadable::is_absent);
  if (const auto number = files.number_if_any("concurrencyremoteip")) {
    return *number;
  }
  return control::default_remote_address_limit(
      control::spawn_places(files.number("concurrencyremote")));
}

}  // namespace

sys::Fd offer_remote_slots() {
  (void)sys::take_environment_value(kVariable);
  const std::uint64_t limit = connections_per_address();
  if (limit == 0 || limit > kAddressSlotsMax) {
    return {};
  }
  auto table = AddressSlots::make(static_cast<unsigned>(limit));
  if (!table) {
    return {};
  }
  sys::set_environment_value(kVariable,
                             base::decimal(static_cast<std::uint64_t>(kRemoteSlotsDescriptor)));
  return std::move(*table);
}

std::optional<AddressSlots> inherited_remote_slots() {
  const auto value = sys::environment_value(kVariable);
  const auto number = value ? base::parse_u64(*value) : std::nullopt;
  if (number != kRemoteSlotsDescriptor) {
    return std::nullopt;
  }
  return AddressSlots::inherited(kRemoteSlotsDescriptor);
}

}  // namespace reqmail::remote
