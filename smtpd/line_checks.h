// The syntax of the lines in qmail-smtpd's control files, for qmail-showctl --check. A file
// with a syntax of its own has a row here.
#pragma once

#include <vector>

#include "control/check.h"

namespace reqmail::smtpd {

// Whether the lists of refused peers are regular expressions is decided as for a session: by
// QREGEX in the environment, or else by control/qregex below the current directory.
std::vector<control::LineCheck> line_checks();

}  // namespace reqmail::smtpd
