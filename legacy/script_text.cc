#include "legacy/script_text.h"

#include <algorithm>
#include <array>
#include <set>

#include "base/ascii.h"
#include "base/number.h"
#include "base/text.h"
#include "legacy/shell_words.h"

namespace reqmail::legacy {

namespace {

// A program that runs another one, and the letters of its options that matter.
struct Tool {
  std::string_view name;
  std::string_view with_value;
  std::string_view rules;
  std::string_view user;
  std::string_view group;
  std::string_view environment;
  std::string_view memory;
};

constexpr std::string_view kServerValues = "xtuglbBc";
constexpr std::string_view kLimitValues = "macdlsofprt";
constexpr std::array kTools = {
    Tool{"tcpserver", kServerValues, "x", "u", "g", "", ""},
    Tool{"sslserver", kServerValues, "x", "u", "g", "", ""},
    Tool{"qmail-listen", "xtuglbBcCN", "x", "u", "g", "", ""},
    Tool{"softlimit", kLimitValues, "", "", "", "", "ma"},
    Tool{"s6-softlimit", kLimitValues, "", "", "", "", "ma"},
    Tool{"chpst", "uUbe/CnlLmdopfcrt", "", "u", "", "e", "m"},
};

// The depth of files that source files, and of shells that start shells, at which reading
// stops.
constexpr unsigned kDepth = 6;
// Words that may precede a command.
constexpr std::array<std::string_view, 12> kBefore = {"!",  "{",    "builtin", "command",
                                                      "do", "elif", "else",    "exec",
                                                      "if", "then", "until",   "while"};
constexpr std::array<std::string_view, 4> kExports = {"declare", "export", "readonly",
                                                      "typeset"};
constexpr std::array<std::string_view, 6> kShells = {"ash", "bash", "dash", "ksh", "sh", "zsh"};

// The options of env that empty the environment.
constexpr std::array<std::string_view, 3> kClearing = {"-", "-i", "--ignore-environment"};

std::string_view last_name(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

template <typename List>
bool is_among(const List& list, std::string_view word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

// Returns the index of the next operator after `begin`.
std::size_t end_of_command(const std::vector<std::string>& words, std::size_t begin) {
  std::size_t end = begin;
  while (end < words.size() && !is_shell_operator(words[end])) {
    ++end;
  }
  return end;
}

bool is_assignment(std::string_view word) {
  const std::size_t sign = word.find('=');
  return sign != std::string_view::npos && is_variable_name(word.substr(0, sign));
}

// Returns "qmaild" for "`id -u qmaild`".
std::string account_in(std::string_view value) {
  for (const std::string_view begin :
       {std::string_view("`id -u "), std::string_view("$(id -u ")}) {
    if (value.substr(0, begin.size()) == begin && value.size() > begin.size()) {
      value.remove_prefix(begin.size());
      return std::string(value.substr(0, value.size() - 1));
    }
  }
  return std::string(value);
}

// Parses "user:group:group".
RunsAs runs_as(std::string_view word) {
  RunsAs who;
  for (const std::string_view part : base::split(word, ':')) {
    if (who.account.empty()) {
      who.account = account_in(part);
    } else if (!part.empty()) {
      who.groups.emplace_back(part);
    }
  }
  return who;
}

// An option of a program as getopt(3) parses it.
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
    facts.users.push_back(runs_as(option.value));
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
    if (tool.name != name) {
      continue;
    }
    const std::size_t before = facts.users.size();
    std::string group;
    for (const ProgramOption& option : options_of(words, at, end, tool.with_value)) {
      read_option(facts, tool, option);
      if (tool.group.find(option.letter) != std::string_view::npos) {
        group = option.value;
      }
    }
    // `id -g NAME` is the account's own group.
    if (facts.users.size() > before && !group.empty() && !is_computed(group)) {
      facts.users.back().groups.push_back(std::move(group));
    }
  }
  if ((name == "envdir" || name == "s6-envdir") && at + 1 < end) {
    facts.environment_directories.push_back(words[at + 1]);
  } else if ((name == "setuidgid" || name == "envuidgid" || name == "s6-setuidgid") &&
             at + 1 < end) {
    facts.users.push_back(runs_as(words[at + 1]));
    facts.users.back().every_group =
        name == "s6-setuidgid" && facts.users.back().groups.empty();
  }
}

bool is_qmail_program(std::string_view name) {
  return name.substr(0, 6) == "qmail-" && name != "qmail-listen" &&
         name.find_first_of("$*?.=") == std::string_view::npos;
}

// Interprets a script line by line.
class Reader {
 public:
  Reader(ScriptFacts& facts, const SourceReader& source) : facts_(facts), source_(source) {}

  void read_shell(std::string_view text) {
    for (const LogicalLine& line : logical_lines(text)) {
      read_command_line(line.text, line.begin);
    }
  }

  // In a unit, Exec...= is a command, Environment= has settings, and EnvironmentFile= names a
  // file with settings.
  void read_unit(std::string_view text) {
    for (const LogicalLine& line : logical_lines(text)) {
      const std::size_t sign = line.text.find('=');
      if (sign != std::string::npos) {
        const std::string_view whole = line.text;
        read_unit_line(base::trim_end(whole.substr(0, sign)),
                       base::trim_start(whole.substr(sign + 1)), line.begin);
      }
    }
  }

  // Called after the last line; adds the exported variables.
  void finish() {
    if (!unit_user_.account.empty()) {
      unit_user_.every_group = true;
      facts_.users.push_back(unit_user_);
    }
    for (Assignment& assignment : assignments_) {
      const std::string& name = assignment.setting.name;
      if (unset_.count(name) == 0 &&
          (assignment.exported || exports_all_ || exported_.count(name) != 0)) {
        facts_.settings.push_back(std::move(assignment.setting));
      }
    }
  }

 private:
  struct Assignment {
    Setting setting;
    bool exported = false;
  };

  void assign(std::string_view word, bool exported) {
    const std::size_t sign = word.find('=');
    const std::string name(word.substr(0, sign));
    const std::string value(word.substr(sign + 1));
    // A computed value is kept as it is written, since "`id -u qmaild`" says more than the
    // variable's name.
    if (value.find(base::concat({"$", name})) == std::string::npos) {
      variables_[name] = value;
    }
    unset_.erase(name);
    assignments_.push_back({{name, value}, exported});
  }

  void read_unit_line(std::string_view key, std::string_view value, std::size_t begin) {
    if (key.substr(0, 4) == "Exec") {
      value.remove_prefix(std::min(value.find_first_not_of("-@:+!"), value.size()));
      read_command_line(value, begin);
    } else if (key == "Environment") {
      for (const std::string& word : shell_words(value)) {
        if (is_assignment(word)) {
          assign(word, true);
        }
      }
    } else if (key == "EnvironmentFile") {
      value.remove_prefix(value.substr(0, 1) == "-" ? 1 : 0);
      exports_all_ = true;
      read_source(std::string(value));
    } else if (key == "User") {
      unit_user_.account = value;
    } else if (key == "Group" || key == "SupplementaryGroups") {
      for (const std::string& group : shell_words(value)) {
        unit_user_.groups.push_back(group);
      }
    }
  }

  void read_command_line(std::string_view line, std::size_t line_begin) {
    const auto words = shell_words(line, variables_);
    for (std::size_t begin = 0; begin < words.size();) {
      const std::size_t end = end_of_command(words, begin);
      read_command({words.begin() + static_cast<std::ptrdiff_t>(begin),
                    words.begin() + static_cast<std::ptrdiff_t>(end)},
                   line_begin);
      begin = end + 1;
    }
  }

  void read_command(const std::vector<std::string>& words, std::size_t line_begin) {
    std::size_t at = 0;
    while (at < words.size() && is_among(kBefore, words[at])) {
      ++at;
    }
    std::size_t command = at;
    while (command < words.size() && is_assignment(words[command])) {
      ++command;
    }
    // Before a command, assignments concern this command only; without one they are the shell's
    // own.
    for (; at < command; ++at) {
      assign(words[at], command < words.size());
    }
    if (at < words.size() && !read_builtin(words, at)) {
      bool environment = false;
      for (; at < words.size(); ++at) {
        environment = environment || last_name(words[at]) == "env";
        facts_.clears_environment =
            facts_.clears_environment || (environment && is_among(kClearing, words[at]));
        read_word(words, at, environment, line_begin);
      }
    }
  }

  // Returns whether this was a builtin that concerns variables.
  bool read_builtin(const std::vector<std::string>& words, std::size_t at) {
    const std::string& name = words[at++];
    if (facts_.kind == ScriptKind::execline) {
      return false;
    }
    if (is_among(kExports, name)) {
      for (; at < words.size(); ++at) {
        if (is_assignment(words[at])) {
          assign(words[at], name == "export" || words[1] == "-x");
        } else if (name == "export" || words[1] == "-x") {
          exported_.insert(words[at]);
        }
      }
      return true;
    }
    if (name == "unset") {
      unset_.insert(words.begin() + static_cast<std::ptrdiff_t>(at), words.end());
      return true;
    }
    if (name == "set" && at < words.size()) {
      exports_all_ = exports_all_ || words[at] == "-a" || words.back() == "allexport";
      return true;
    }
    if ((name == "." || name == "source") && at < words.size()) {
      read_source(words[at]);
      return true;
    }
    return false;
  }

  void read_source(const std::string& name) {
    if (!source_ || is_computed(name) || depth_ >= kDepth) {
      return;
    }
    if (const auto text = source_(name)) {
      const bool was_here = here_;
      here_ = false;
      ++depth_;
      read_shell(*text);
      --depth_;
      here_ = was_here;
    }
  }

  void read_word(const std::vector<std::string>& words, std::size_t at, bool environment,
                 std::size_t line_begin) {
    const std::string& word = words[at];
    if (is_assignment(word)) {
      if (environment) {
        assign(word, true);
      }
      return;
    }
    if (facts_.kind == ScriptKind::execline && word == "export" && at + 2 < words.size() &&
        is_variable_name(words[at + 1])) {
      assign(base::concat({words[at + 1], "=", words[at + 2]}), true);
      return;
    }
    read_program_options(facts_, words, at, words.size());
    const std::string_view name = last_name(word);
    if (is_qmail_program(name)) {
      facts_.invocations.push_back(
          {std::string(name),
           {words.begin() + static_cast<std::ptrdiff_t>(at) + 1, words.end()},
           line_begin,
           here_});
    } else if ((is_among(kShells, name) && at + 2 < words.size() &&
                words[at + 1].substr(0, 1) == "-" && words[at + 1].back() == 'c') &&
               depth_ < kDepth) {
      ++depth_;
      for (const LogicalLine& line : logical_lines(words[at + 2])) {
        read_command_line(line.text, line_begin);
      }
      --depth_;
    }
  }

  ScriptFacts& facts_;
  const SourceReader& source_;
  ShellVariables variables_;
  // The user of a unit; Group= may come before User=.
  RunsAs unit_user_;
  std::vector<Assignment> assignments_;
  std::set<std::string> exported_;
  std::set<std::string> unset_;
  bool exports_all_ = false;
  bool here_ = true;
  unsigned depth_ = 0;
};

}  // namespace

ScriptFacts read_script(std::string_view text, bool is_unit, const SourceReader& source) {
  ScriptFacts facts;
  const std::string_view first = text.substr(0, text.find('\n'));
  if (is_unit) {
    facts.kind = ScriptKind::systemd;
  } else if (first.find("execlineb") != std::string_view::npos) {
    facts.kind = ScriptKind::execline;
  }
  Reader reader(facts, source);
  if (is_unit) {
    reader.read_unit(text);
  } else {
    reader.read_shell(text);
  }
  reader.finish();
  return facts;
}

}  // namespace reqmail::legacy
