// Compression by gzip(1).
#pragma once

#include <string>

#include "base/result.h"
#include "sys/fd.h"

namespace reqmail::reports {

// Returns a file without a name that holds the text, at its beginning. It is made in
// `directory`.
Result<sys::Fd> unnamed_file(const std::string& directory, const std::string& text);

// Returns the text in the format of gzip, without name and time. Its files are made in
// `directory`.
Result<std::string> compressed(const std::string& text, const std::string& directory);

}  // namespace reqmail::reports
