#include "upgrade/script_text.h"

#include <algorithm>
#include <array>
#include <optional>

#include "base/ascii.h"
#include "base/number.h"
#include "base/text.h"

namespace reqmail::upgrade {

namespace {

constexpr std::string_view kOperators = ";&|()<>`";

// A program in front of qmail's, and the letters of those of its options that matter.
struct Tool {
  std::string_view name;
  std::string_view with_value;
  std::string_view rules;
  std::string_view user;
  std::string_view environment;
  std::string_view memory;
};

constexpr std::string_view kServerValues = "xtuglbBc";
constexpr std::string_view kLimitValues = "macdlsofprt";
constexpr std::array kTools = {
    Tool{"tcpserver", kServerValues, "x", "u", "", ""},
    Tool{"sslserver", kServerValues, "x", "u", "", ""},
    Tool{"softlimit", kLimitValues, "", "", "", "ma"},
    Tool{"s6-softlimit", kLimitValues, "", "", "", "ma"},
    Tool{"chpst", "uUbe/CnlLmdopfcrt", "", "u", "e", "m"},
};

constexpr std::string_view kServiceSection = "[Service]";

std::string_view last_name(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

bool is_name(std::string_view text) {
  return !text.empty() && !base::is_digit(text[0]) &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return base::is_letter(c) || base::is_digit(c) || c == '_';
         });
}

// A line with those that its backslashes join to it.
struct LogicalLine {
  std::string text;
  std::size_t begin = 0;
};

std::vector<LogicalLine> logical_lines(std::string_view text) {
  std::vector<LogicalLine> lines;
  bool joined = false;
  std::size_t begin = 0;
  while (begin < text.size()) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    std::string_view line = text.substr(begin, end - begin);
    const bool goes_on = !line.empty() && line.back() == '\\';
    if (goes_on) {
      line.remove_suffix(1);
    }
    if (joined) {
      lines.back().text += base::concat({" ", line});
    } else {
      lines.push_back({std::string(line), begin});
    }
    joined = goes_on;
    begin = end + 1;
  }
  return lines;
}

// Reads what stands between quotes, or one plain character, at `at`.
void take_character(std::string_view line, std::size_t& at, std::string& word) {
  const char c = line[at];
  if (c == '\'' || c == '"') {
    for (++at; at < line.size() && line[at] != c; ++at) {
      if (c == '"' && line[at] == '\\' && at + 1 < line.size()) {
        ++at;
      }
      word += line[at];
    }
  } else if (c == '\\' && at + 1 < line.size()) {
    word += line[++at];
  } else {
    word += c;
  }
  ++at;
}

// Words between `begin` and the next operator.
std::size_t end_of_command(const std::vector<std::string>& words, std::size_t begin) {
  std::size_t end = begin;
  while (end < words.size() && !(words[end].size() == 1 &&
                                 kOperators.find(words[end][0]) != std::string_view::npos)) {
    ++end;
  }
  return end;
}

// An option of a program as getopt(3) sees it.
struct ProgramOption {
  char letter = '\0';
  std::string value;
};

std::vector<ProgramOption> options_of(const std::vector<std::string>& words, std::size_t at,
                                      std::size_t end, std::string_view with_value) {
  std::vector<ProgramOption> options;
  for (++at; at < end && words[at].size() > 1 && words[at][0] == '-'; ++at) {
    for (std::size_t i = 1; i < words[at].size(); ++i) {
      ProgramOption option{words[at][i], {}};
      const bool valued = with_value.find(option.letter) != std::string_view::npos;
      if (valued) {
        option.value = words[at].substr(i + 1);
        if (option.value.empty() && at + 1 < end) {
          option.value = words[++at];
        }
      }
      options.push_back(option);
      if (valued) {
        break;
      }
    }
  }
  return options;
}

void limit_memory(ScriptFacts& facts, std::string_view value) {
  const auto bytes = base::parse_u64(value);
  if (bytes && (!facts.memory_limit || *bytes < *facts.memory_limit)) {
    facts.memory_limit = *bytes;
  }
}

void read_option(ScriptFacts& facts, const Tool& tool, const ProgramOption& option) {
  const auto is_one_of = [&](std::string_view letters) {
    return letters.find(option.letter) != std::string_view::npos;
  };
  if (is_one_of(tool.rules)) {
    facts.rule_files.push_back(option.value);
  } else if (is_one_of(tool.user)) {
    facts.users.push_back(option.value);
  } else if (is_one_of(tool.environment)) {
    facts.environment_directories.push_back(option.value);
  } else if (is_one_of(tool.memory)) {
    limit_memory(facts, option.value);
  }
}

void read_program_options(ScriptFacts& facts, const std::vector<std::string>& words,
                          std::size_t at, std::size_t end) {
  const std::string_view name = last_name(words[at]);
  for (const Tool& tool : kTools) {
    if (tool.name == name) {
      for (const ProgramOption& option : options_of(words, at, end, tool.with_value)) {
        read_option(facts, tool, option);
      }
    }
  }
  if ((name == "envdir" || name == "s6-envdir") && at + 1 < end) {
    facts.environment_directories.push_back(words[at + 1]);
  } else if ((name == "setuidgid" || name == "s6-setuidgid") && at + 1 < end) {
    facts.users.push_back(words[at + 1]);
  }
}

bool is_qmail_program(std::string_view name) {
  return name.substr(0, 6) == "qmail-" && name.find_first_of("$*?.=") == std::string_view::npos;
}

void read_word(ScriptFacts& facts, const std::vector<std::string>& words, std::size_t at,
               std::size_t end, std::size_t line_begin) {
  const std::string& word = words[at];
  const std::size_t sign = word.find('=');
  if (sign != std::string::npos && is_name(std::string_view(word).substr(0, sign))) {
    facts.settings.push_back({word.substr(0, sign), word.substr(sign + 1)});
    return;
  }
  if (facts.kind == ScriptKind::execline && word == "export" && at + 2 < end &&
      is_name(words[at + 1])) {
    facts.settings.push_back({words[at + 1], words[at + 2]});
    return;
  }
  read_program_options(facts, words, at, end);
  if (is_qmail_program(last_name(word))) {
    facts.invocations.push_back({std::string(last_name(word)),
                                 {words.begin() + static_cast<std::ptrdiff_t>(at) + 1,
                                  words.begin() + static_cast<std::ptrdiff_t>(end)},
                                 line_begin});
  }
}

void read_command_line(ScriptFacts& facts, std::string_view line, std::size_t line_begin) {
  const auto words = shell_words(line);
  for (std::size_t begin = 0; begin < words.size();) {
    const std::size_t end = end_of_command(words, begin);
    for (std::size_t at = begin; at < end; ++at) {
      read_word(facts, words, at, end, line_begin);
    }
    begin = end + 1;
  }
}

// A line of a unit: Exec…= a command, Environment= settings.
void read_unit_line(ScriptFacts& facts, const LogicalLine& line) {
  const std::size_t sign = line.text.find('=');
  if (sign == std::string::npos) {
    return;
  }
  const std::string_view key = base::trim_end(std::string_view(line.text).substr(0, sign));
  std::string_view value = base::trim_start(std::string_view(line.text).substr(sign + 1));
  if (key.substr(0, 4) == "Exec") {
    value.remove_prefix(std::min(value.find_first_not_of("-@:+!"), value.size()));
    read_command_line(facts, value, line.begin);
  } else if (key == "Environment") {
    read_command_line(facts, value, line.begin);
  } else if (key == "User") {
    facts.users.emplace_back(value);
  }
}

// Where the words behind "env -" begin in the line at `begin` and those that its backslashes
// join to it; nothing where the environment is kept.
std::optional<std::size_t> behind_empty_environment(std::string_view text, std::size_t begin) {
  std::size_t end = text.find('\n', begin);
  while (end != std::string_view::npos && end > begin && text[end - 1] == '\\') {
    end = text.find('\n', end + 1);
  }
  const std::string_view line = text.substr(begin, end - begin);
  for (const std::string_view words :
       {std::string_view("env - "), std::string_view("env -i ")}) {
    const std::size_t place = line.find(words);
    if (place != std::string_view::npos) {
      return begin + place + words.size();
    }
  }
  return std::nullopt;
}

}  // namespace

std::vector<std::string> shell_words(std::string_view line) {
  std::vector<std::string> words;
  std::size_t at = 0;
  while (at < line.size()) {
    if (base::is_blank(line[at])) {
      ++at;
      continue;
    }
    if (line[at] == '#') {
      break;
    }
    if (kOperators.find(line[at]) != std::string_view::npos) {
      words.emplace_back(1, line[at++]);
      continue;
    }
    std::string word;
    while (at < line.size() && !base::is_blank(line[at]) &&
           kOperators.find(line[at]) == std::string_view::npos) {
      take_character(line, at, word);
    }
    // The descriptor of a redirection is no word.
    const bool redirected = at < line.size() && (line[at] == '>' || line[at] == '<');
    if (!redirected || base::leading_digits(word) != word.size()) {
      words.push_back(std::move(word));
    }
  }
  return words;
}

ScriptFacts read_script(std::string_view text, bool is_unit) {
  ScriptFacts facts;
  const std::string_view first = text.substr(0, text.find('\n'));
  if (is_unit) {
    facts.kind = ScriptKind::systemd;
  } else if (first.find("execlineb") != std::string_view::npos) {
    facts.kind = ScriptKind::execline;
  }
  for (const LogicalLine& line : logical_lines(text)) {
    if (is_unit) {
      read_unit_line(facts, line);
    } else {
      read_command_line(facts, line.text, line.begin);
    }
  }
  return facts;
}

std::string setting_line(ScriptKind kind, const Setting& setting) {
  switch (kind) {
  case ScriptKind::shell:
    return base::concat({setting.name, "=", setting.value, "; export ", setting.name});
  case ScriptKind::execline:
    return base::concat({"export ", setting.name, " ", setting.value});
  case ScriptKind::systemd:
    break;
  }
  return base::concat({"Environment=", setting.name, "=", setting.value});
}

ScriptEdit with_setting(std::string_view text, ScriptKind kind, std::size_t line_begin,
                        const Setting& setting) {
  std::size_t place = std::min(line_begin, text.size());
  if (kind == ScriptKind::systemd) {
    const std::size_t section = text.find(kServiceSection);
    if (section != std::string_view::npos) {
      place = std::min(text.find('\n', section), text.size() - 1) + 1;
    }
  } else if (const auto behind = behind_empty_environment(text, place)) {
    const std::size_t begin = text.rfind('\n', *behind) + 1;
    const std::size_t end = std::min(text.find('\n', *behind), text.size());
    const std::string words = base::concat({setting.name, "=", setting.value, " "});
    return {base::concat({text.substr(0, *behind), words, text.substr(*behind)}),
            std::string(text.substr(begin, end - begin)),
            base::concat({text.substr(begin, *behind - begin), words,
                          text.substr(*behind, end - *behind)})};
  }
  std::string line = setting_line(kind, setting);
  return {base::concat({text.substr(0, place), line, "\n", text.substr(place)}), "", line};
}

}  // namespace reqmail::upgrade
