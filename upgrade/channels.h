// Queues of the channels patch: queue/supplN/S/ID holds recipients of message ID as local/S/ID
// and remote/S/ID do. reqmail has the two channels local and remote alone, so apply moves what
// is there into remote.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"

namespace reqmail::upgrade {

// Whether the queue has directories of further channels.
bool has_channels(const std::string& home);

// How many files of messages that are in the queue lie there.
Result<std::uint64_t> waiting_in_channels(const std::string& home);

// Moves all of these to remote/S/ID, after the recipients that are there already; the
// directories stay. A message that todo still has loses its file instead, since the next
// qmail-send writes the lists of its recipients anew. Returns how many files were moved. Can be
// called again after a run that was killed. The caller holds lock/sendmutex, and nothing of the
// old qmail writes to the queue's lists.
Result<std::uint64_t> empty_channels(const std::string& home);

}  // namespace reqmail::upgrade
