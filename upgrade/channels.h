// Converts queues of the channels patch, where queue/supplN/S/ID has recipients of message ID,
// as local/S/ID and remote/S/ID have. reqmail has only the channels local and remote, so apply
// moves these recipients to remote.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"

namespace reqmail::upgrade {

// Returns whether the queue has directories of additional channels.
bool has_channels(const std::string& home);

// Returns how many files there belong to messages in the queue.
Result<std::uint64_t> waiting_in_channels(const std::string& home);

// Appends all of these files to remote/S/ID, after the recipients that are there already; the
// directories are kept. If todo still has the message, its file is removed instead, since the
// next qmail-send writes the recipient lists again. Returns how many files were moved. It can
// be called again after a killed run. The caller must hold lock/sendmutex, and no program of
// the old qmail may write recipient lists.
Result<std::uint64_t> empty_channels(const std::string& home);

}  // namespace reqmail::upgrade
