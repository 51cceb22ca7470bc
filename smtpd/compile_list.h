// Compiles lists of addresses and hosts into databases, for qmail-newmrh(8), qmail-newmvrt(8)
// and qmail-recipients(8).
#pragma once

#include <string_view>

#include "base/result.h"

namespace reqmail::smtpd {

// Each works in the current directory, which is qmail's home. Each line of the list becomes a
// key in lower case without data. An existing database is replaced only when the new file is
// complete and on disk.
Result<void> compile_morercpthosts();
Result<void> compile_morevalidrcptto();
Result<void> compile_recipients();

// Does the work of such a program: changes to qmail's home and compiles. Writes errors to
// standard error, and returns the exit code.
int compile_list_as(std::string_view program, Result<void> (*compile)());

}  // namespace reqmail::smtpd
