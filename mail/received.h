// Received lines: what each program that handles a message puts on top of it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/time.h"

namespace reqmail::mail {

// Who ran qmail-queue, as far as its Received line tells.
enum class QueueCaller { user, alias, network, bounce };

// qmail-queue's own line with its line feed, e.g.
// "Received: (qmail 145 invoked by uid 1000); 22 Nov 2026 15:23:53 -0000". `uid` counts for
// QueueCaller::user.
std::string queue_received(std::uint64_t pid, QueueCaller caller, std::uint64_t uid,
                           base::Time time);

// Text from outside as a Received line may show it: letters, digits and ". @ % + / = : -" as
// they are, every other byte as '?'.
std::string received_safe(std::string_view text);

}  // namespace reqmail::mail
