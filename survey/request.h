// What was asked of qmail-upgrade.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace reqmail::survey {

enum class Command { check, apply, rollback, version };

struct Request {
  Command command = Command::check;
  // The old qmail, absolute.
  std::string home;
  // The new programs: a directory with bin/, absolute; the home's own where that is asked for.
  std::string tree;
  bool json = false;
  bool accept_loss = false;
  bool edit_run_scripts = false;
  // A prefix of every path of the system (/etc, /proc, /service): for tests.
  std::string root;
};

// Parses the words after the program's name. `own_path` is where the running program lies (its
// tree is the default of `tree`). A Failure is a wrong usage; its text says what is wrong.
Result<Request> parse_request(const std::vector<std::string>& words, const std::string& home,
                              const std::string& own_path);

}  // namespace reqmail::survey
