// The command line of qmail-upgrade.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace reqmail::survey {

enum class Command { check, apply, rollback, version };

struct Request {
  Command command = Command::check;
  // The home of the old qmail, an absolute path.
  std::string home;
  // The new programs: an absolute directory with bin/, which may be the home itself if that was
  // asked for.
  std::string tree;
  bool json = false;
  bool accept_loss = false;
  bool edit_run_scripts = false;
  // A prefix for every path of the system (/etc, /proc, /service), for tests.
  std::string root;
};

// Parses the words after the program's name. `own_path` is the path of the running program,
// whose tree is the default of `tree`. A Failure means bad usage; its text says what is wrong.
Result<Request> parse_request(const std::vector<std::string>& words, const std::string& home,
                              const std::string& own_path);

}  // namespace reqmail::survey
