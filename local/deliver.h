// A local delivery from start to end: all of qmail-local(8) but its arguments.
#pragma once

#include "local/request.h"
#include "sys/program.h"

namespace reqmail::local {

// With what a process that delivers begins (sys::Program).
sys::ProgramStart delivery_start();

// Delivers the message on descriptor 0, as the user that the process already is. What was done
// goes to descriptor 1, why it failed to descriptor 2. Changes the working directory, the umask
// and signal actions, so it is called in a process of its own. Returns the exit code: 0, 100 or
// 111.
int deliver(const Request& request);

}  // namespace reqmail::local
