#include "spawn/filter_lines.h"

#include <algorithm>

#include "base/ascii.h"
#include "base/text.h"

namespace reqmail::spawn {

namespace {

constexpr std::string_view kAll = "*";

// Takes the text before the first colon, and the colon, off the line.
std::string_view take_part(std::string_view& line) {
  const std::size_t colon = line.find(':');
  const std::string_view part = line.substr(0, colon);
  line.remove_prefix(colon == std::string_view::npos ? line.size() : colon + 1);
  return part;
}

std::vector<std::pair<std::string, std::string>> variables_in(std::string_view text) {
  std::vector<std::pair<std::string, std::string>> variables;
  for (const std::string_view part : base::split(text, ',')) {
    const std::size_t equals = part.find('=');
    if (equals != std::string_view::npos && equals > 0) {
      variables.emplace_back(part.substr(0, equals), part.substr(equals + 1));
    }
  }
  return variables;
}

}  // namespace

std::vector<FilterLine> read_filter_lines(const std::vector<std::string>& lines,
                                          std::vector<base::BadLine>& bad) {
  std::vector<FilterLine> found;
  for (const std::string& text : lines) {
    std::string_view rest = text;
    FilterLine line;
    line.domain = base::lower(take_part(rest));
    if (rest.starts_with("local:")) {
      line.side = FilterSide::local;
      (void)take_part(rest);
    } else if (rest.starts_with("remote:")) {
      line.side = FilterSide::remote;
      (void)take_part(rest);
    }
    line.command = take_part(rest);
    line.variables = variables_in(rest);
    if (line.domain.empty() || line.command.empty()) {
      bad.push_back({text, "no command"});
    } else {
      found.push_back(std::move(line));
    }
  }
  return found;
}

const FilterLine* find_filter(const std::vector<FilterLine>& lines, FilterSide side,
                              const std::vector<std::string>& domains) {
  const auto found = std::find_if(lines.begin(), lines.end(), [&](const FilterLine& line) {
    return line.side.value_or(side) == side &&
           (line.domain == kAll ||
            std::find(domains.begin(), domains.end(), line.domain) != domains.end());
  });
  return found == lines.end() ? nullptr : &*found;
}

std::string_view program_of(const FilterLine& line) {
  const std::string_view word =
      std::string_view(line.command).substr(0, line.command.find(' '));
  return word.substr(word.rfind('/') + 1);
}

}  // namespace reqmail::spawn
