// What lies at a path, and whether two paths lead to the same.
//
// Failure.error is always the errno, Failure.text names the path.
#pragma once

#include <cstddef>
#include <string>

#include "base/result.h"

namespace reqmail::survey {

// The largest file that is read or copied: no program or control file comes near it.
inline constexpr std::size_t kLargestFile = std::size_t{256} << 20;

// Whether there is something of that name, a symbolic link that leads nowhere included.
bool is_there(const std::string& path);
bool is_directory(const std::string& path);

// Both names exist and name one inode (of a symbolic link: its own).
bool same_inode(const std::string& one, const std::string& other);

// Both names exist and lead to one inode, symbolic links followed.
bool same_place(const std::string& one, const std::string& other);

// Both names exist and lead to one file, or to files with the same bytes.
bool same_file(const std::string& one, const std::string& other);

// The path without symbolic links. Failure: some part of it is missing.
Result<std::string> real_path(const std::string& path);

// Where a symbolic link leads, as it says itself.
Result<std::string> link_target(const std::string& path);

}  // namespace reqmail::survey
