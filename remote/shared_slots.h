// The table of connections by address (remote/address_slots.h) on its way from qmail-rspawn,
// which makes it, through qmail-remote to qmail-remote-tls: a descriptor that a variable of the
// environment names. Without it nobody is limited.
#pragma once

#include <optional>

#include "remote/address_slots.h"
#include "sys/fd.h"

namespace reqmail::remote {

// Where a child of qmail-rspawn has it.
inline constexpr int kRemoteSlotsDescriptor = 3;

// Makes the table as control/concurrencyremoteip and control/concurrencyremote say, and names
// it in this process's environment; the current directory is qmail's home. An invalid Fd if
// there is to be no limit, or no table can be made.
sys::Fd offer_remote_slots();

// The table that this process has inherited.
std::optional<AddressSlots> inherited_remote_slots();

}  // namespace reqmail::remote
