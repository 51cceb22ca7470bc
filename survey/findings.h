// What qmail-upgrade has to say about an old qmail: one Finding a fact, with what `apply` will
// convert (rules of the verdicts: qmail-upgrade(8), VERDICTS).
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "legacy/severity.h"

namespace reqmail::survey {

using legacy::Severity;

// A change that `apply` makes and `rollback` takes back.
struct Conversion {
  enum class Kind {
    // `path` gets `content`: a new file has `owner`, `group`, `mode`; one that is there keeps
    // its own.
    write_file,
    // `path` gets `owner`, `group`, `mode`; its content stays.
    set_access,
    // queue/todo/N/ID and queue/intd/N/ID become queue/todo/ID and queue/intd/ID (big-todo).
    flatten_todo,
    // queue/supplN/S/ID becomes queue/remote/S/ID (channels).
    empty_channels,
    // The same as write_file on a run script or a tcp rule (and the program that compiles it):
    // done only with --edit-run-scripts, else printed.
    edit_script,
  };
  Kind kind = Kind::write_file;
  // Absolute.
  std::string path;
  // May hold passwords: never printed.
  std::string content;
  // Names of accounts; empty: as it is.
  std::string owner;
  std::string group;
  mode_t mode = 0;
  // edit_script: the line as it is (empty where one is added) and as it is to be.
  std::string old_line;
  std::string new_line;
};

// "write-file", "set-access", "flatten-todo", "empty-channels", "edit-script".
std::string_view conversion_name(Conversion::Kind kind);

struct Finding {
  // Stable word for scripts: "control-file", "regex-list", "big-todo" ...
  std::string code;
  Severity severity = Severity::note;
  // The file, variable or program, as an absolute path or a name.
  std::string subject;
  // Of a variable: the scripts and rules that set it.
  std::vector<std::string> places;
  // The patch or fork it comes from; may be empty.
  std::string origin;
  // What is so, and what that means. One sentence or two.
  std::string text;
  // What to do, or what `apply` will do; may be empty.
  std::string action;
  std::vector<Conversion> conversions;
};

enum class Verdict { go, go_with_notes, stop };

// "go", "go with notes", "stop".
std::string_view verdict_name(Verdict verdict);

// The worst of them; `accept_loss` makes a loss a note.
Verdict verdict_of(const std::vector<Finding>& findings, bool accept_loss);

// 0, 1, 2.
int exit_code(Verdict verdict);

}  // namespace reqmail::survey
