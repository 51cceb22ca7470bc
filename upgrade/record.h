// The record of an upgrade: what it will do and how far it has come. This is the text of its
// journal.
//
// Each line has fields separated by tabs, and is on disk before the step that it announces. A
// last line without its line feed is incomplete and ignored.
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

// The order in which files are replaced; the journal has these numbers.
enum class Phase : unsigned {
  settings = 0,   // control files, run scripts
  queue = 1,      // qmail-queue
  injectors = 2,  // programs that run qmail-queue
  programs = 3,   // everything else that does not belong to the running daemons
  daemons = 4,    // qmail-send, qmail-clean and both spawners
  start = 5,      // qmail-start, which runs the daemons
  papers = 6,     // manual pages and documents
};

// Identifies the contents of a file.
struct ContentMark {
  std::uint64_t size = 0;
  std::uint64_t hash = 0;

  bool operator==(const ContentMark&) const = default;
};

ContentMark content_mark(std::string_view content);

struct Put {
  Phase phase = Phase::papers;
  // Whether the file existed before.
  bool had = false;
  std::string target;
  // The contents of an existing setting at the time when its new content was made.
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

// The steps in their order; undoing begins at `undo`.
enum class Step {
  none,     // there is no journal
  keep,     // nothing on the host has changed: old programs are kept, and new ones are copied
  change,   // everything except the daemons is replaced
  daemons,  // the daemons are replaced
  restart,  // qmail-send is started again
  verify,   // a test message is sent
  applied,  // the upgrade is complete
  undo,     // everything is reversed
  undo_start,  // the old qmail-send is started again
  undone,
};

std::string_view step_name(Step step);

// A process that must have ended before a step is done. The start time identifies it, since the
// process ID may be used again.
struct ProcessMark {
  std::int64_t pid = 0;
  std::uint64_t start = 0;
};

struct Record {
  std::string time;
  std::string tree;
  std::string previous;
  // Absent if qmail-send was not running.
  std::optional<survey::Service> service;
  std::optional<TodoLayout> todo;
  // Whether the host has no queue of its own.
  bool mini = false;
  // Whether the queue has additional channels.
  bool channels = false;
  // Whether check had notes.
  bool notes = false;
  std::vector<Put> puts;
  std::vector<AccessChange> accesses;
  Step step = Step::none;
  // The process of the last restart that was announced.
  std::optional<ProcessMark> leaving;
};

// Returns the lines of a record up to and with "step keep". It is a Failure if a path contains
// a tab or a line feed.
Result<std::string> journal_text(const Record& record);

// Parses a journal; it is a Failure if the text is not a journal.
Result<Record> parse_journal(std::string_view text);

// Return the lines `service` and `step`, which are appended while the upgrade proceeds.
std::string service_line(const survey::Service& service);
std::string step_line(Step step, const std::optional<ProcessMark>& leaving);

// Returns whether a field contains neither tab nor line feed, so that it can be written.
bool is_plain(std::string_view field);

// Returns the argument for the supervisor, or PATH for rc.
const std::string& place_of(const survey::Service& service);

}  // namespace reqmail::upgrade
