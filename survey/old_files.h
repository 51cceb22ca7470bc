// Reads a home that is not ours: with limits, without waiting for FIFOs, without opening
// devices, and, if the system allows it, without changing the time of last access.
#pragma once

#include <sys/stat.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace reqmail::survey {

// The largest control file, run script or tcp rule that is read, in bytes.
inline constexpr std::size_t kTextLimit = std::size_t{4} << 20;
// The largest program that is read; statically linked ones have a few MiB.
inline constexpr std::size_t kProgramLimit = std::size_t{64} << 20;
// The number of names of a directory that are examined.
inline constexpr std::size_t kNamesLimit = 200000;

struct Entry {
  std::string name;

  // The status of the name itself, even if it is a link.
  struct ::stat status {};
};

// Returns "file", "directory", "symbolic link", "FIFO", "socket" or "device".
std::string_view type_name(mode_t mode);

// Returns the status of what a path leads to; nullopt if it does not exist. A dangling link is
// a Failure.
Result<std::optional<struct ::stat>> look(const std::string& path);

// Returns the contents of a regular file, following links; nullopt if it does not exist. The
// text of a Failure says why it was not read: "is a FIFO", "is larger than 4194304 bytes",
// "access denied".
Result<std::optional<std::string>> read_plain(const std::string& path,
                                              std::size_t limit = kTextLimit);

// Returns the names in a directory, sorted; empty if it does not exist.
Result<std::vector<Entry>> list_entries(const std::string& path);

// Returns the lines of a control file: trimmed, without comments and empty lines.
std::vector<std::string> control_lines(std::string_view text);

}  // namespace reqmail::survey
