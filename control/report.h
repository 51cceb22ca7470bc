// The report of qmail-showctl: the facts of an installation, then each control file.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "control/known.h"

namespace reqmail::control {

// The facts that an installation has from its build, for the head of the report.
struct Installation {
  std::string home;
  char break_character;
  unsigned paternalism;
  unsigned spawn_limit;
  std::uint64_t split;
  std::vector<std::string>
      user_ids;  // alias, qmaild, qmaill, root, qmailp, qmailq, qmailr, qmails
  std::vector<std::string> group_ids;  // nofiles, qmail
};

std::string describe_installation(const Installation& installation);

// The value of control/me.
using Me = std::optional<std::string>;

// Returns a paragraph about a known file, with its line feeds. Reads control/ below the current
// directory.
std::string describe_file(const KnownFile& file, const Me& me);

// Returns a paragraph about a file that reqmail does not read.
std::string describe_unknown(const std::string& name);

// Returns all paragraphs: the known files in the order of the table, the others by name, and
// then, if there are any, the files with a value that ends in CR. The text of a Failure is the
// last line of the report.
Result<std::string> describe_control_files();

// Returns a line of smtproutes or authsenders as it may be shown: without what may be a
// password, and with '?' for unprintable bytes.
std::string without_secrets(const std::string& line);

}  // namespace reqmail::control
