// What one upgrade was going to do, and how far it has come: the text of its journal.
//
// Lines of fields with a tab between them; each is on disk before what it announces is done. A
// last line without its line feed was never announced and counts as absent.
//
//   begin TIME TREE PREVIOUS              TIME names the directories of this upgrade, PREVIOUS
//                                         those of the one before (empty: there was none)
//   service SUPERVISOR PLACE              how qmail-send is started ("down": it was not running;
//                                         PLACE of "none" is the PATH for rc); the last one counts
//   todo SPLIT UID GID MODE UID GID MODE  the big-todo queue as it was: of todo/N, then intd/N
//   mini                                  a host without a queue: programs alone
//   channels                              the queue has further channels, which are emptied
//   put PHASE had|new TARGET              TARGET (absolute) gets what is staged beside it
//   content SIZE HASH TARGET              what TARGET, a control file or script, held when its new
//                                         content was made
//   notes                                 check had notes: apply exits with 1
//   access UID GID MODE UID GID MODE TARGET   owner and mode TARGET had, and gets
//   step NAME [PID START]                 what is done from here on
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "survey/inspection.h"
#include "upgrade/disk.h"

namespace reqmail::upgrade {

// In this order things are put in place; numbers as in the journal.
enum class Phase : unsigned {
  settings = 0,   // control files, run scripts
  queue = 1,      // qmail-queue
  injectors = 2,  // what runs it
  programs = 3,   // everything that no daemon keeps running
  daemons = 4,    // qmail-send, qmail-clean, both spawners
  start = 5,      // qmail-start, which runs those
  papers = 6,     // manual pages, documents
};

// By which a file is known again.
struct ContentMark {
  std::uint64_t size = 0;
  std::uint64_t hash = 0;

  bool operator==(const ContentMark&) const = default;
};

ContentMark content_mark(std::string_view content);

struct Put {
  Phase phase = Phase::papers;
  // Whether there was a file before.
  bool had = false;
  std::string target;
  // Of a setting that was there: what it held when its new content was made.
  std::optional<ContentMark> content = std::nullopt;
};

struct AccessChange {
  Access before;
  Access after;
  std::string target;
};

// The directories of a big-todo queue.
struct TodoLayout {
  std::uint64_t split = 0;
  Access todo;
  Access intd;
};

// In the order in which they are reached; undoing begins at `undo`.
enum class Step {
  none,        // no journal
  keep,        // nothing on the host has changed: old programs are kept, new ones staged
  change,      // everything but the daemons is put in place
  daemons,     // the daemons are put in place
  restart,     // qmail-send is started again
  verify,      // a test message is under way
  applied,     // all is done
  undo,        // everything goes back
  undo_start,  // the old qmail-send is started
  undone,
};

std::string_view step_name(Step step);

// A process that must be gone before a step is done: its number may be given to another, its
// start may not.
struct ProcessMark {
  std::int64_t pid = 0;
  std::uint64_t start = 0;
};

struct Record {
  std::string time;
  std::string tree;
  std::string previous;
  // Absent: qmail-send was not running.
  std::optional<survey::Service> service;
  std::optional<TodoLayout> todo;
  // A host without a queue of its own.
  bool mini = false;
  // Whether the queue has further channels.
  bool channels = false;
  // Whether check had notes.
  bool notes = false;
  std::vector<Put> puts;
  std::vector<AccessChange> accesses;
  Step step = Step::none;
  // Of the last restart that was announced.
  std::optional<ProcessMark> leaving;
};

// The lines of a record that `keep` needs, "step keep" included. A Failure: a path holds a tab
// or a line feed.
Result<std::string> journal_text(const Record& record);

// A Failure: the text is no journal of ours.
Result<Record> parse_journal(std::string_view text);

// The lines of `service` and `step`, which are added while the upgrade goes on.
std::string service_line(const survey::Service& service);
std::string step_line(Step step, const std::optional<ProcessMark>& leaving);

// Whether a field can be written: it holds no tab and no line feed.
bool is_plain(std::string_view field);

// What a supervisor needs to be told, or rc.
const std::string& place_of(const survey::Service& service);

}  // namespace reqmail::upgrade
