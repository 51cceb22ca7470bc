// Run scripts, init scripts and systemd units as far as qmail is concerned: which programs they
// start with what, and what they put into the environment. They are read as text; nothing of
// them is run, so what a shell would compute stays as it is written ("$NAME").
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace reqmail::upgrade {

enum class ScriptKind { shell, execline, systemd };

struct Setting {
  std::string name;
  std::string value;
};

// A program of qmail's in a command, by its last name, with the words behind it.
struct Invocation {
  std::string program;
  std::vector<std::string> arguments;
  // Where the line begins, in bytes, backslashed line ends not counted as ends.
  std::size_t line_begin = 0;
};

struct ScriptFacts {
  ScriptKind kind = ScriptKind::shell;
  std::vector<Setting> settings;
  std::vector<Invocation> invocations;
  // Arguments of tcpserver -x.
  std::vector<std::string> rule_files;
  // Arguments of envdir, s6-envdir, chpst -e.
  std::vector<std::string> environment_directories;
  // Whom tcpserver -u or setuidgid becomes, as written.
  std::vector<std::string> users;
  // Bytes, the smallest of softlimit and chpst -m.
  std::optional<std::uint64_t> memory_limit;
};

// systemd by the caller's word, execline by its first line, else a shell's.
ScriptFacts read_script(std::string_view text, bool is_unit);

// The words of one command line: quotes and backslashes gone; ; & | ( ) < > and back quotes are
// words of their own, '#' at the beginning of a word ends the line.
std::vector<std::string> shell_words(std::string_view line);

// A changed script, and the line that differs: as it was (empty where one was added) and is.
struct ScriptEdit {
  std::string content;
  std::string old_line;
  std::string new_line;
};

// NAME=VALUE in the environment of what the line at `line_begin` starts: a line before it, or,
// where "env -" empties the environment there, words behind that.
ScriptEdit with_setting(std::string_view text, ScriptKind kind, std::size_t line_begin,
                        const Setting& setting);

// The line that with_setting() adds where it adds one.
std::string setting_line(ScriptKind kind, const Setting& setting);

}  // namespace reqmail::upgrade
