// The work of qmail-cert show, which lists the certificates.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace reqmail::cert {

// Returns the files that servers read: control/servercert.pem, whether it exists or not, and
// those in control/servercerts, by name.
Result<std::vector<std::string>> server_files();

// Returns a text for people, with a paragraph for each file that exists.
std::string show(const std::vector<std::string>& files, base::Time now);

// Returns a text for programs: for each file a block of key=value lines and an empty line
// (qmail-cert(8)).
std::string show_terse(const std::vector<std::string>& files, base::Time now);

}  // namespace reqmail::cert
