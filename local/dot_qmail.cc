#include "local/dot_qmail.h"

#include "base/ascii.h"
#include "base/text.h"

namespace reqmail::local {

namespace {

std::string_view meaning_of(std::string_view line) {
  return base::trim_end(line.substr(0, line.find('\0')));
}

void add_instruction(std::string_view line, std::vector<Instruction>& instructions) {
  const std::string_view rest = line.substr(1);
  switch (line.front()) {
  case '#':
    return;
  case '.':
  case '/':
    if (line.back() == '/') {
      instructions.emplace_back(Maildir{std::string(line)});
    } else {
      instructions.emplace_back(Mbox{std::string(line)});
    }
    return;
  case '|':
    instructions.emplace_back(Program{std::string(rest)});
    return;
  case '+':
    if (rest == "list") {
      instructions.emplace_back(ForwardOnly{});
    }
    return;
  case '&':
    instructions.emplace_back(Forward{std::string(rest)});
    return;
  default:
    instructions.emplace_back(Forward{std::string(line)});
    return;
  }
}

}  // namespace

Result<std::vector<Instruction>> parse_dot_qmail(std::string_view text) {
  std::vector<Instruction> instructions;
  bool first = true;
  for (const std::string_view raw : base::split(text, '\n')) {
    const std::string_view line = meaning_of(raw);
    if (line.empty() && first) {
      return temporary("Uh-oh: first line of .qmail file is blank. (#4.2.1)");
    }
    first = false;
    if (!line.empty()) {
      add_instruction(line, instructions);
    }
  }
  return instructions;
}

}  // namespace reqmail::local
