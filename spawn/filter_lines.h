// The lines of control/filterargs: programs through which mail goes before it is delivered
// (spawn-filter(8)).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bad_line.h"

namespace reqmail::spawn {

enum class FilterSide { local, remote };

struct FilterLine {
  std::string domain;  // in lower case, or "*"
  // Absent: mail on both sides goes through the filter.
  std::optional<FilterSide> side;
  std::string command;  // of a shell
  std::vector<std::pair<std::string, std::string>> variables;
};

// Reads lines `domain:[local:|remote:]command[:VARIABLE=value,...]`. A line without command has
// no effect and is added to `bad`.
std::vector<FilterLine> read_filter_lines(const std::vector<std::string>& lines,
                                          std::vector<base::BadLine>& bad);

// Returns the first line for one of the domains, or for all, on this side; null if there is
// none. Domains are in lower case.
const FilterLine* find_filter(const std::vector<FilterLine>& lines, FilterSide side,
                              const std::vector<std::string>& domains);

// Returns the name of the program that the command begins with, without its directory.
std::string_view program_of(const FilterLine& line);

}  // namespace reqmail::spawn
