// Finds and reads the .qmail file that controls an address. The working directory must be the
// user's home directory.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace reqmail::local {

// The largest .qmail file that is read, in bytes.
inline constexpr std::size_t kDotQmailLimit = std::size_t{64} << 20;

enum class HomeState { ready, being_edited };

// Returns whether a delivery may use this home. A world-writable home is a Failure; a sticky
// home is being edited by its user.
Result<HomeState> check_home();

struct DotQmailFile {
  std::string text;
  // The owner has execute permission, so that only forwards are allowed.
  bool forward_only = false;
  // The same as in DotQmailName.
  std::optional<std::size_t> default_from;
};

// Returns the first file of the names that exists, or nullopt. Anything but a regular file
// counts as missing. It is a Failure if a file cannot be read or if others may write it.
Result<std::optional<DotQmailFile>> find_dot_qmail(std::string_view dash, std::string_view ext);

// Returns the envelope sender of forwards from this address: its -owner address if there is a
// file for it, otherwise the original sender. `local` and `host` are those of the recipient.
Result<std::string> forward_sender(std::string_view dash, std::string_view ext,
                                   std::string_view local, std::string_view host,
                                   std::string_view sender);

}  // namespace reqmail::local
