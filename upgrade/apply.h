// The commands `apply` and `rollback`, which change the host.
#pragma once

#include "survey/request.h"
#include "sys/stream.h"

namespace reqmail::upgrade {

// Each writes what it does to `out` and returns the exit code of the program.
int apply(const survey::Request& request, sys::Writer& out);
int rollback(const survey::Request& request, sys::Writer& out);

}  // namespace reqmail::upgrade
