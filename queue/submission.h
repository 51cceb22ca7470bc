// Who queues a message and what is kept of it beside the message, for all programs that do the
// work of qmail-queue(8).
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>

#include "base/time.h"
#include "mail/received.h"
#include "sys/identity.h"

namespace reqmail::queue {

// The longest time for which a caller can keep a message waiting that is not in the queue yet.
// It is shorter than that after which the files of a dead qmail-queue are removed.
inline constexpr base::Seconds kTimeLimit{86400};

// Files get mode 0644 whatever the caller's umask is.
inline constexpr mode_t kUmask = 033;

// For the Received field and the u and p records.
struct Submission {
  std::uint64_t pid = 0;
  std::uint64_t uid = 0;
  mail::QueueCaller caller = mail::QueueCaller::user;
  base::Time now{};
  // What the sender wants to be told (mail/dsn.h); empty: nothing is kept.
  std::string dsn = {};
};

// Returns how the Received field calls an account; nullopt is any that is not one of qmail's.
mail::QueueCaller caller_of(std::optional<sys::Account> account);

// Returns what is kept of a value of QMAILDSN. What makes no sense does not count.
std::string kept_wishes(const std::optional<std::string>& value);

}  // namespace reqmail::queue
