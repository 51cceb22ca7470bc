// How a program ends. qmail's exit codes are contract: a careless 1 from qmail-local would
// bounce mail.
#pragma once

#include <string_view>

namespace reqmail::sys {

// Exit codes shared by most programs; each program's own set stands in the header of its cmd/
// file.
inline constexpr int kExitSuccess = 0;
inline constexpr int kExitPermanent = 100;
inline constexpr int kExitTemporary = 111;

// Ends the process at once, without destructors or atexit functions.
[[noreturn]] void finish(int code);

// What the process ends with when memory runs out, and when the library finds a bug
// (length_error, bad access). With the fixed descriptors filled (fill_standard_descriptors),
// this is the first line of each main.
void install_failure_exits(int out_of_memory, int bug);

// The same, with a message of constant text on a descriptor before the exit (a daemon's log
// line or a report). `text` must live for the whole process.
void install_failure_exits(int out_of_memory, int bug, int fd, std::string_view text);

// A daemon that must not end: when memory runs out, `text` goes to a descriptor, the process
// sleeps for so many seconds, and the allocation is tried again. A bug still ends it.
void install_memory_wait(int fd, std::string_view text, unsigned seconds, int bug);

}  // namespace reqmail::sys
