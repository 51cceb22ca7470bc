// Examines paths, and whether two paths lead to the same file.
//
// Failure.error is always the errno, and Failure.text names the path.
#pragma once

#include <cstddef>
#include <string>

#include "base/result.h"

namespace reqmail::survey {

// The largest file that is read or copied, in bytes; programs and control files are much
// smaller.
inline constexpr std::size_t kLargestFile = std::size_t{256} << 20;

// Returns whether the name exists, even as a dangling symbolic link.
bool is_there(const std::string& path);
bool is_directory(const std::string& path);

// Returns whether both names exist and have the same inode; links are not followed.
bool same_inode(const std::string& one, const std::string& other);

// Returns whether both names exist and lead to the same inode; links are followed.
bool same_place(const std::string& one, const std::string& other);

// Returns whether both names exist and lead to one file, or to files with the same bytes.
bool same_file(const std::string& one, const std::string& other);

// Returns the path without symbolic links; it is a Failure if a part of it does not exist.
Result<std::string> real_path(const std::string& path);

// Returns the contents of a symbolic link.
Result<std::string> link_target(const std::string& path);

}  // namespace reqmail::survey
