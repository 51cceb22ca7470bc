// How the lines of qmail-smtpd's control files must look, for qmail-showctl --check. A file
// with a syntax of its own has a row here.
#pragma once

#include <vector>

#include "control/check.h"

namespace reqmail::smtpd {

// Whether the lists of refused peers are expressions is decided as for a session: by QREGEX in
// the environment, else by control/qregex below the current directory.
std::vector<control::LineCheck> line_checks();

}  // namespace reqmail::smtpd
