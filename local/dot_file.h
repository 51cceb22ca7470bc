// The .qmail file that serves an address, and the home it lies in. The working directory is the
// home directory.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace reqmail::local {

// No sane .qmail file is larger.
inline constexpr std::size_t kDotQmailLimit = std::size_t{64} << 20;

enum class HomeState { ready, being_edited };

// Whether a delivery may use this home: a world-writable one is a Failure, a sticky one is
// being edited by its user.
Result<HomeState> check_home();

struct DotQmailFile {
  std::string text;
  // The owner's x bit: forwards only.
  bool forward_only = false;
  // As in DotQmailName.
  std::optional<std::size_t> default_from;
};

// The first of the names that is there: nothing when none is. What is not a regular file does
// not count as there. A Failure where a file can't be read or is writable for others.
Result<std::optional<DotQmailFile>> find_dot_qmail(std::string_view dash, std::string_view ext);

// The envelope sender of forwards from this address: its -owner where there is one, the sender
// as it came otherwise. `local` and `host` are the recipient's.
Result<std::string> forward_sender(std::string_view dash, std::string_view ext,
                                   std::string_view local, std::string_view host,
                                   std::string_view sender);

}  // namespace reqmail::local
