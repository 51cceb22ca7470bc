// The findings of qmail-upgrade on an old qmail. A Finding is one fact, with what `apply` will
// convert (qmail-upgrade(8), VERDICTS, has the rules).
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "legacy/severity.h"

namespace reqmail::survey {

using legacy::Severity;

// A change that `apply` makes and `rollback` reverses.
struct Conversion {
  enum class Kind {
    // Writes `content` to `path`. A new file gets `owner`, `group` and `mode`; an existing one
    // keeps its own.
    write_file,
    // Sets `owner`, `group` and `mode` of `path`.
    set_access,
    // Moves queue/todo/N/ID and queue/intd/N/ID to queue/todo/ID and queue/intd/ID (big-todo).
    flatten_todo,
    // Moves queue/supplN/S/ID to queue/remote/S/ID (channels).
    empty_channels,
    // Does the same as write_file for a run script or a tcp rule (and runs the program that
    // compiles the rule). It is done only with --edit-run-scripts, and otherwise printed.
    edit_script,
  };
  Kind kind = Kind::write_file;
  // An absolute path.
  std::string path;
  // The content may have passwords, so it is never printed.
  std::string content;
  // Names of accounts; an empty one means that it is not changed.
  std::string owner;
  std::string group;
  mode_t mode = 0;
  // For edit_script: the line before (empty if it is added) and after the change.
  std::string old_line;
  std::string new_line;
};

// Returns "write-file", "set-access", "flatten-todo", "empty-channels" or "edit-script".
std::string_view conversion_name(Conversion::Kind kind);

struct Finding {
  // A word for scripts that does not change between versions: "control-file", "regex-list",
  // "big-todo" ...
  std::string code;
  Severity severity = Severity::note;
  // The file, variable or program, as an absolute path or a name.
  std::string subject;
  // For a variable: the scripts and rules that set it.
  std::vector<std::string> places;
  // The patch or fork from which it comes; may be empty.
  std::string origin;
  // The fact and what it means, in one or two sentences.
  std::string text;
  // What to do, or what `apply` will do; may be empty.
  std::string action;
  std::vector<Conversion> conversions;
};

enum class Verdict { go, go_with_notes, stop };

// Returns "go", "go with notes" or "stop".
std::string_view verdict_name(Verdict verdict);

// Returns the verdict for all findings; `accept_loss` turns a loss into a note.
Verdict verdict_of(const std::vector<Finding>& findings, bool accept_loss);

// Returns 0, 1 or 2.
int exit_code(Verdict verdict);

}  // namespace reqmail::survey
