// Moving a maildir's messages to an mbox file (maildir2mbox(1)).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "local/maildir_reader.h"

namespace reqmail::local {

// The From_ line of a message of a maildir: the sender from the Return-Path line that `start`
// begins with, as it stands there, or XXX.
std::string from_line_of(std::string_view start, base::Time modified);

// Appends the messages to the mbox and removes them: the mbox, locked, is copied to
// `temporary_path` with the messages behind it, synced, and takes the mbox's place. A Failure
// (temporary) leaves the mbox and the messages as they were. The result are the messages that
// could not be removed although the mbox has them, with the reason.
Result<std::vector<std::string>> move_to_mbox(const std::vector<MaildirEntry>& messages,
                                              const std::string& mbox,
                                              const std::string& temporary_path);

}  // namespace reqmail::local
