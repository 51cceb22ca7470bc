// Finds malformed lines in control files, for qmail-showctl --check. The folder that reads a
// list knows the syntax of its lines; each such folder has a function that returns its rows.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bad_line.h"
#include "control/file_name.h"

namespace reqmail::control {

// Returns the malformed lines of a list, or the line of a file that has one line, if it is
// malformed; `lines` is not empty.
using FindBadLines =
    std::function<std::vector<base::BadLine>(const std::vector<std::string>& lines)>;

struct LineCheck {
  FormName file;
  FindBadLines find;
};

// Returns a message for each malformed line, for each file of a number that does not begin with
// one, and for each file that cannot be read. Reads control/ below the current directory.
std::vector<std::string> check_control_files(const std::vector<LineCheck>& checks);

}  // namespace reqmail::control
