// qmail-cert show: which certificates there are.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace reqmail::cert {

// The files that servers read: control/servercert.pem, whether it exists or not, and those in
// control/servercerts, by name.
Result<std::vector<std::string>> server_files();

// For people, a paragraph a file; nothing is said of files that do not exist.
std::string show(const std::vector<std::string>& files, base::Time now);

// For programs: a block of key=value lines a file, an empty line behind each (qmail-cert(8)).
std::string show_terse(const std::vector<std::string>& files, base::Time now);

}  // namespace reqmail::cert
