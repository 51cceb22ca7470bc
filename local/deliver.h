// A complete local delivery: the work of qmail-local(8) without its arguments.
#pragma once

#include "local/request.h"
#include "sys/program.h"

namespace reqmail::local {

// Returns how a process that delivers must begin (sys::Program).
sys::ProgramStart delivery_start();

// Delivers the message on descriptor 0 as the user that the process already is. It writes what
// it did to descriptor 1 and the reason of a failure to descriptor 2. It changes the working
// directory, the umask and signal actions, so it needs a process of its own. Returns the exit
// code: 0, 100 or 111.
int deliver(const Request& request);

}  // namespace reqmail::local
