// What qmail-start, which may read every program, tells qmail-rspawn, which may not read
// qmail-remote: the version of that file, if it is the one of this release. It is in a variable
// of the environment.
#pragma once

#include <optional>
#include <string>

#include "sys/env.h"
#include "sys/file_version.h"

namespace reqmail::spawn {

// Returns the version of the qmail-remote to which PATH leads, if the file has this mark
// (sys/own_program.h).
std::optional<sys::FileVersion> look_at_remote(std::string mark);

// Puts the version into the environment that qmail-rspawn is to get; with nullopt, the variable
// is taken out of it.
void tell_of_remote(const std::optional<sys::FileVersion>& version,
                    sys::Environment& environment);

// Returns what a qmail-start of this release has told this process. No program that it executes
// gets the variable.
std::optional<sys::FileVersion> take_known_remote();

}  // namespace reqmail::spawn
