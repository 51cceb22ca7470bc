// What a message is like before it is sent.
#pragma once

#include <cstdint>
#include <optional>

#include "proto/smtp_client.h"

namespace reqmail::remote {

// Counts the message at a descriptor, whose position stays: its size as RFC 1870 counts it,
// with line ends as CR LF and no doubled dots, and whether it and its header have bytes above
// 127. Nullopt if it cannot be read twice.
// `fold`: as the encoder of messages folds long lines.
std::optional<proto::MessageFacts> look_at_message(int message, bool fold = false);

// How many bytes are left to read; nullopt if it is no regular file.
std::optional<std::uint64_t> size_of_message(int message);

}  // namespace reqmail::remote
