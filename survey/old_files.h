// Reading of somebody else's home: bounded, without waiting for FIFOs, without opening devices,
// and without changing as much as a time of access where the system allows it.
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

// What is read of a control file, a run script, a tcp rule.
inline constexpr std::size_t kTextLimit = std::size_t{4} << 20;
// What is read of a program: statically linked ones have a few MiB.
inline constexpr std::size_t kProgramLimit = std::size_t{64} << 20;
// Names of one directory that are looked at.
inline constexpr std::size_t kNamesLimit = 200000;

struct Entry {
  std::string name;

  // Of the file itself, links not followed.
  struct ::stat status {};
};

// "file", "directory", "symbolic link", "FIFO", "socket", "device".
std::string_view type_name(mode_t mode);

// Returns the status of what a path leads to; nullopt if there is nothing (a link to nothing
// is a Failure).
Result<std::optional<struct ::stat>> look(const std::string& path);

// Returns the contents of a regular file, links followed; nullopt if there is none. A Failure
// says why it was not read: "is a FIFO", "is larger than 4194304 bytes", "access denied".
Result<std::optional<std::string>> read_plain(const std::string& path,
                                              std::size_t limit = kTextLimit);

// Returns the names in a directory, sorted; none if there is no such directory.
Result<std::vector<Entry>> list_entries(const std::string& path);

// Lines as control files have them: ends trimmed, comments and empty lines left out.
std::vector<std::string> control_lines(std::string_view text);

}  // namespace reqmail::survey
