// What a message is like before it is sent.
#pragma once

#include <cstdint>
#include <optional>

#include "proto/smtp_client.h"

namespace reqmail::remote {

// Of the message behind a descriptor, whose position stays: its size as RFC 1870 counts it,
// line ends as CR LF and no doubled dots, and whether it has bytes above 127. Nothing where it
// cannot be read twice.
std::optional<proto::MessageFacts> look_at_message(int message);

// Bytes of it that are left to read; nothing where it is no regular file.
std::optional<std::uint64_t> size_of_message(int message);

}  // namespace reqmail::remote
