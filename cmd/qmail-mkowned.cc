// qmail-mkowned: makes files and directories of an installation and gives them their owners,
// safely in directories that other accounts can write.
//
// Runs as: root, started by scripts of the installation; anybody for files of their own
// Reads: rows from descriptor 0; the files that they name as sources
// Writes: what the rows name; the number of changes to descriptor 1
// Executes: nothing
// Trusts: its arguments and descriptor 0
// Exits: 0 100 111

#include <unistd.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "base/number.h"
#include "base/text.h"
#include "sys/exits.h"
#include "sys/options.h"
#include "sys/owned_entry.h"
#include "sys/program.h"
#include "sys/stream.h"
#include "sys/usage.h"

namespace {

namespace base = reqmail::base;
namespace sys = reqmail::sys;

constexpr std::string_view kUsage =
    "qmail-mkowned: usage: qmail-mkowned [-n] [-d DIR]\n"
    "  reads rows TYPE UID GID MODE PATH; TYPE is dir, fifo, zeros:SIZE, file:SOURCE,\n"
    "  link:TARGET or present\n"
    "  -n      leaves alone what is there\n"
    "  -d DIR  the paths are below DIR\n";

constexpr std::size_t kLongestRow = 8192;

struct Job {
  std::string below;  // "" for the root directory
  sys::OnExisting on_existing = sys::OnExisting::set_ownership;
};

[[noreturn]] void usage() {
  sys::refuse_arguments(kUsage);
}

[[noreturn]] void die(std::string_view why) {
  (void)sys::write_all(STDERR_FILENO, base::concat({"qmail-mkowned: fatal: ", why, "\n"}));
  sys::finish(sys::kExitTemporary);
}

Job parse_arguments(int argc, char** argv) {
  Job job;
  sys::Options options(argc, argv, "nd:");
  while (const auto option = options.next()) {
    if (option->kind != sys::Option::Kind::known) {
      usage();
    }
    if (option->letter == 'n') {
      job.on_existing = sys::OnExisting::leave_alone;
    } else {
      job.below = option->value;
    }
  }
  if (!options.rest().empty()) {
    usage();
  }
  return job;
}

// Returns the next row; empty at the end.
std::string next_row(sys::Reader& rows) {
  std::string row;
  const auto end = rows.get_line(row, kLongestRow);
  if (!end || *end == sys::LineEnd::too_long) {
    die("unable to read rows");
  }
  if (row.empty() && *end == sys::LineEnd::line) {
    die("no such row: an empty line");
  }
  return row;
}

struct Outcome {
  std::uint64_t changes = 0;
  bool all_done = true;
};

Outcome ensure_all(const Job& job, sys::Reader& rows) {
  Outcome outcome;
  for (std::string row = next_row(rows); !row.empty(); row = next_row(rows)) {
    const auto entry = sys::parse_owned_entry(row);
    if (!entry) {
      die(base::concat({"no such row: ", base::log_safe(row)}));
    }
    const auto changed = sys::ensure_entry(job.below, *entry, job.on_existing);
    if (!changed) {
      outcome.all_done = false;
      (void)sys::write_all(STDERR_FILENO,
                           base::concat({"qmail-mkowned: ", base::log_safe(entry->path),
                                         ": left alone: ", changed.error().text, "\n"}));
    } else if (*changed) {
      ++outcome.changes;
    }
  }
  return outcome;
}

}  // namespace

int main(int argc, char** argv) {
  const sys::Program program({
      .out_of_memory_fd = STDERR_FILENO,
      .out_of_memory_text = "qmail-mkowned: fatal: out of memory\n",
      // The modes of new files are exactly those of the rows.
      .umask = 0,
  });
  sys::answer_help(argc, argv, kUsage);
  const Job job = parse_arguments(argc, argv);
  sys::Reader rows(STDIN_FILENO);
  const Outcome outcome = ensure_all(job, rows);
  (void)sys::write_all(STDOUT_FILENO, base::concat({base::decimal(outcome.changes), "\n"}));
  sys::finish(outcome.all_done ? sys::kExitSuccess : sys::kExitTemporary);
}
