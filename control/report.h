// What qmail-showctl says: the facts of an installation, then each control file in words.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "control/known.h"

namespace reqmail::control {

// What is fixed in an installation, for the head of the report.
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

// control/me.
using Me = std::optional<std::string>;

// A paragraph about one known file, its line feeds included. Reads control/ below the current
// directory.
std::string describe_file(const KnownFile& file, const Me& me);

// A paragraph about a file that reqmail does not read.
std::string describe_unknown(const std::string& name);

// All paragraphs: the known files in the order of the table, the others by name, then, where
// there are such files, which ones have a value that ends in CR. The text of a Failure is the
// line to end the report with.
Result<std::string> describe_control_files();

// A line of smtproutes or authsenders as it may be shown: what may be a password is left out,
// unprintable bytes are '?'.
std::string without_secrets(const std::string& line);

}  // namespace reqmail::control
