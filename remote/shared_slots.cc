#include "remote/shared_slots.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>

#include "base/number.h"
#include "config.h"
#include "control/known.h"
#include "control/reader.h"
#include "sys/env.h"

namespace reqmail::remote {

namespace {

constexpr const char* kVariable = "QMAILREMOTESLOTS";

// An unreadable file is as good as none: netqmail's qmail-rspawn reads no control files, and
// mail must not stop for want of a limit.
std::optional<std::uint64_t> number_in(const std::string& path) {
  return control::read_number(path).value_or(std::nullopt);
}

std::uint64_t connections_per_address() {
  if (const auto number = number_in("control/concurrencyremoteip")) {
    return *number;
  }
  const std::uint64_t all =
      std::min<std::uint64_t>(number_in("control/concurrencyremote")
                                  .value_or(control::default_number("concurrencyremote")),
                              config::kSpawnLimit);
  return std::max<std::uint64_t>(all / 2, 1);
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
