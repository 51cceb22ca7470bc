// The address of a socket at a path (unix(7)).
#pragma once

#include <sys/un.h>

#include <string>
#include <string_view>

#include "base/result.h"

namespace reqmail::sys {

// Failure.error is ENAMETOOLONG if the path does not fit, and its text begins with `what`.
Result<sockaddr_un> path_address(const std::string& path, std::string_view what);

}  // namespace reqmail::sys
