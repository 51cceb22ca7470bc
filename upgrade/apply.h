// `apply` and `rollback`: what changes the host.
#pragma once

#include "sys/stream.h"
#include "upgrade/request.h"

namespace reqmail::upgrade {

// Each writes what it does to `out` and returns the exit code of the program.
int apply(const Request& request, sys::Writer& out);
int rollback(const Request& request, sys::Writer& out);

}  // namespace reqmail::upgrade
