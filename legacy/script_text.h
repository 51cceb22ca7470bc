// Run scripts, init scripts and systemd units as far as qmail is concerned: which programs they
// start with what, and what they put into the environment. They are read as text; nothing of
// them is run. Variables are replaced by the constants that the script or a file that it
// sources gives them; what else a shell would compute stays as it is written ("$NAME",
// "`hostname`").
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace reqmail::legacy {

enum class ScriptKind { shell, execline, systemd };

struct Setting {
  std::string name;
  std::string value;
};

// A program of qmail in a command, by its last name, with the words after it.
struct Invocation {
  std::string program;
  std::vector<std::string> arguments;
  // Where the line begins, in bytes, backslashed line ends not counted as ends.
  std::size_t line_begin = 0;
  // In the script itself, not in a file that it sources.
  bool here = true;
};

// Whom a program is to run as: an account by name or number, as written.
struct RunsAs {
  std::string account;
  // Groups by name or number; none: the account's own alone.
  std::vector<std::string> groups;
  // All groups that the account is in, and these.
  bool every_group = false;
};

struct ScriptFacts {
  ScriptKind kind = ScriptKind::shell;
  // What is put into the environment: a shell's own variables are left out.
  std::vector<Setting> settings;
  std::vector<Invocation> invocations;
  // Arguments of tcpserver -x.
  std::vector<std::string> rule_files;
  // Arguments of envdir, s6-envdir, chpst -e.
  std::vector<std::string> environment_directories;
  // Of tcpserver -u and -g, setuidgid, chpst -u, a unit's User; `id -u NAME` is NAME.
  std::vector<RunsAs> users;
  // env - : the environment is what the script says, and nothing of its caller's.
  bool clears_environment = false;
  // Bytes, the smallest of softlimit and chpst -m.
  std::optional<std::uint64_t> memory_limit;
};

// Returns the text of a file that a script sources, by its name as written; nullopt if it
// cannot be read.
using SourceReader = std::function<std::optional<std::string>(const std::string& name)>;

// systemd by the caller's word, execline by its first line, else a shell's.
ScriptFacts read_script(std::string_view text, bool is_unit, const SourceReader& source = {});

}  // namespace reqmail::legacy
