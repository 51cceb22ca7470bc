// control/rcptchecks: the programs that qmail-rcptcheck(8) runs.
#pragma once

namespace reqmail::smtpd {

// Runs the lines of control/rcptchecks, each of which is a program and its arguments, in their
// order, with our environment and our descriptors 0, 1, 2 and 4. Returns the exit code of the
// first program whose code is not 0, else 0. Works in the current directory, which is qmail's
// home.
int run_rcptchecks();

}  // namespace reqmail::smtpd
