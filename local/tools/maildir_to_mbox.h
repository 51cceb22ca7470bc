// Moves the messages of a maildir to an mbox file (maildir2mbox(1)).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "local/maildir_reader.h"

namespace reqmail::local {

// Returns the From_ line for a message of a maildir. The sender is that of the Return-Path
// field at the beginning of `start`, unchanged, or XXX.
std::string from_line_of(std::string_view start, base::Time modified);

// Appends the messages to the mbox and removes them: the mbox is locked and copied to
// `temporary_path` together with the messages, and the copy is synced and replaces the mbox. A
// Failure is temporary and leaves mbox and messages unchanged. Returns the messages that could
// not be removed although the mbox has them, with the reasons.
Result<std::vector<std::string>> move_to_mbox(const std::vector<MaildirEntry>& messages,
                                              const std::string& mbox,
                                              const std::string& temporary_path);

}  // namespace reqmail::local
