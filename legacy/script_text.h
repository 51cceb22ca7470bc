// Reads run scripts, init scripts and systemd units as far as they concern qmail: which
// programs they start with which arguments, and what they put into the environment. The text is
// only parsed; nothing is executed. Variables are replaced if the script, or a file that it
// sources, assigns constants to them; everything else that a shell would compute stays as it is
// written ("$NAME", "`hostname`").
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

// A program of qmail in a command, by the last part of its path, with its arguments.
struct Invocation {
  std::string program;
  std::vector<std::string> arguments;
  // The offset of the beginning of the line in bytes. A line end after a backslash does not end
  // the line.
  std::size_t line_begin = 0;
  // Whether it is in the script itself, not in a file that it sources.
  bool here = true;
};

// The account as which a program will run, by name or number, as it is written.
struct RunsAs {
  std::string account;
  // The groups by name or number; if there are none, it is the account's own group.
  std::vector<std::string> groups;
  // Whether the process also gets all groups of the account.
  bool every_group = false;
};

struct ScriptFacts {
  ScriptKind kind = ScriptKind::shell;
  // The variables of the environment, without those that a shell does not export.
  std::vector<Setting> settings;
  std::vector<Invocation> invocations;
  // The arguments of tcpserver -x.
  std::vector<std::string> rule_files;
  // The arguments of envdir, s6-envdir and chpst -e.
  std::vector<std::string> environment_directories;
  // The accounts of tcpserver -u and -g, setuidgid, chpst -u and a unit's User; `id -u NAME`
  // becomes NAME.
  std::vector<RunsAs> users;
  // Whether the script empties the environment with "env -".
  bool clears_environment = false;
  // The smallest limit of softlimit and chpst -m, in bytes.
  std::optional<std::uint64_t> memory_limit;
};

// Returns the text of a file that a script sources, by its name as written; nullopt if it
// cannot be read.
using SourceReader = std::function<std::optional<std::string>(const std::string& name)>;

// Parses a script. It is a systemd unit if the caller says so, an execline script if its first
// line does, else a shell script.
ScriptFacts read_script(std::string_view text, bool is_unit, const SourceReader& source = {});

}  // namespace reqmail::legacy
