// Which lines of the control files make no sense: what qmail-showctl --check prints. How the
// lines of a list must look is known to the folder that reads it; each such folder has a
// function that returns its rows.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bad_line.h"
#include "control/file_name.h"

namespace reqmail::control {

// The lines of a list that make no sense.
using FindBadLines =
    std::function<std::vector<base::BadLine>(const std::vector<std::string>& lines)>;

struct LineCheck {
  ListName file;
  FindBadLines find;
};

// A message for each line that makes no sense, for each file of a number that begins with none,
// and for each file that cannot be read. Reads control/ below the current directory.
std::vector<std::string> check_control_files(const std::vector<LineCheck>& checks);

}  // namespace reqmail::control
