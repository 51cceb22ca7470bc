#include "upgrade/apply.h"

#include <signal.h>
#include <unistd.h>

#include <utility>

#include "base/number.h"
#include "base/text.h"
#include "base/time.h"
#include "survey/inspection.h"
#include "survey/mini_host.h"
#include "survey/report.h"
#include "survey/running.h"
#include "sys/clock.h"
#include "sys/exits.h"
#include "sys/file.h"
#include "sys/signals.h"
#include "upgrade/channels.h"
#include "upgrade/disk.h"
#include "upgrade/journal.h"
#include "upgrade/plan.h"
#include "upgrade/progress.h"
#include "upgrade/todo_layout.h"
#include "upgrade/upgrade_run.h"

namespace reqmail::upgrade {

namespace {

constexpr int kExitNotes = 1;
constexpr int kExitStop = 2;

int trouble(std::string_view text) {
  (void)sys::write_all(STDERR_FILENO, base::concat({"qmail-upgrade: fatal: ", text, "\n"}));
  return sys::kExitTemporary;
}

// Returns a time such as "20260131-235959", which sorts by time and fits into file names and
// addresses.
std::string stamp(base::Time time) {
  const base::CivilTime civil = base::civil_time(time);
  const auto two = [](int part) {
    return base::decimal_padded(static_cast<unsigned>(part), 2);
  };
  return base::concat({base::decimal_padded(static_cast<unsigned>(civil.year), 4),
                       two(civil.month), two(civil.day), "-", two(civil.hour),
                       two(civil.minute), two(civil.second)});
}

// Checks and sets up the process before any file is changed: it must be root, and signals of
// terminals and pipes must not end it.
Result<Journal> enter(const survey::Request& request) {
  if (::geteuid() != 0) {
    return temporary("only root can change a qmail");
  }
  // While qmail-qmqpc is replaced, its copy in place of qmail-queue differs from it for a
  // moment, so an existing journal is sufficient.
  if (!survey::is_directory(request.home + "/bin") ||
      !(survey::is_directory(request.home + "/queue/mess") ||
        survey::queues_elsewhere(request.home) ||
        survey::is_there(request.home + "/upgrade/journal"))) {
    return temporary(base::concat({request.home, " is no qmail home"}));
  }
  if (request.home.find('\'') != std::string::npos) {
    return temporary("a home with a quote in its name cannot be served");
  }
  sys::disregard_signals({SIGPIPE, SIGHUP});
  sys::set_umask(022);
  (void)sys::change_directory("/");
  return Journal::open(request.home);
}

// Prints the lines of run scripts and rules that the administrator must change.
void tell_edits(const survey::Request& request, const std::vector<survey::Finding>& findings,
                Progress& say) {
  if (request.edit_run_scripts) {
    return;
  }
  for (const survey::Finding& finding : findings) {
    for (const survey::Conversion& conversion : finding.conversions) {
      if (conversion.kind == survey::Conversion::Kind::edit_script) {
        say({"to be changed by hand (or with --edit-run-scripts) in ", conversion.path, ":"});
        if (!conversion.old_line.empty()) {
          say({"  - ", conversion.old_line});
        }
        say({"  + ", conversion.new_line});
      }
    }
  }
}

bool is_unfinished(Step step) {
  return step >= Step::change && step < Step::applied;
}

// Makes the journal of a new upgrade; nothing on the host has been changed yet.
Result<Record> make_record(const survey::Request& request, const Plan& plan, bool mini,
                           survey::Verdict verdict) {
  Record record;
  record.notes = verdict == survey::Verdict::go_with_notes;
  base::Time time = sys::now();
  // An upgrade of the same second that was rolled back has left its old programs.
  while (survey::is_there(base::concat({request.home, "/bin.old.", stamp(time)}))) {
    time += base::Seconds(1);
  }
  record.time = stamp(time);
  record.tree = request.tree;
  for (const NewFile& file : plan.files) {
    record.puts.push_back(file.put);
  }
  record.accesses = plan.accesses;
  record.mini = mini;
  if (mini) {
    return record;
  }
  if (const auto send = survey::find_send(request.home)) {
    record.service = send->service;
  }
  auto layout = find_todo_layout(request.home);
  if (!layout) {
    return layout.error();
  }
  record.todo = *layout;
  record.channels = has_channels(request.home);
  return record;
}

int end_of(const Result<Ending>& ending, int code, std::string_view done,
           const survey::Request& request, Progress& say) {
  if (!ending) {
    say({"not finished: apply goes on from here, rollback goes back"});
    return trouble(ending.error().text);
  }
  say({done});
  if (request.command == survey::Command::apply) {
    say({"the way back: ", way_back(request.home)});
  }
  return *ending == Ending::unproved && code == sys::kExitSuccess ? kExitNotes : code;
}

int begin(const survey::Request& request, Journal& journal, sys::Writer& out, Progress& say) {
  if (survey::same_inode(request.tree, request.home)) {
    return trouble("give the tree of the new programs: --from=TREE");
  }
  const auto inspection = survey::inspect(request);
  if (!inspection) {
    return trouble(inspection.error().text);
  }
  const survey::Verdict verdict = survey::verdict_of(inspection->findings, request.accept_loss);
  if (verdict == survey::Verdict::stop) {
    (void)out.put(survey::report_text(request, *inspection));
    return kExitStop;
  }
  const auto plan = make_plan(request, inspection->findings, inspection->mini);
  if (!plan) {
    return trouble(plan.error().text);
  }
  auto record = make_record(request, *plan, inspection->mini, verdict);
  if (!record) {
    return trouble(record.error().text);
  }
  tell_edits(request, inspection->findings, say);
  const auto waiting = inspection->mini ? Result<std::uint64_t>(std::uint64_t{0})
                                        : waiting_in_channels(request.home);
  if (!waiting) {
    return trouble(waiting.error().text);
  }
  if (plan->files.empty() && plan->accesses.empty() && !record->todo && *waiting == 0) {
    say({"nothing to do: ", request.home, " is as ", request.tree, " is"});
    return survey::exit_code(verdict);
  }
  if (auto begun = journal.begin(std::move(*record)); !begun) {
    return trouble(begun.error().text);
  }
  UpgradeRun run(request.home, journal, say);
  if (auto prepared = run.prepare(*plan); !prepared) {
    return trouble(base::concat({prepared.error().text, " (nothing was changed)"}));
  }
  return end_of(run.finish(), survey::exit_code(verdict), "applied", request, say);
}

}  // namespace

int apply(const survey::Request& request, sys::Writer& out) {
  Progress say(out);
  auto journal = enter(request);
  if (!journal) {
    return trouble(journal.error().text);
  }
  const Step step = journal->record().step;
  if (is_unfinished(step)) {
    say({"an upgrade begun at ", journal->record().time, " is finished"});
    UpgradeRun run(request.home, *journal, say);
    const int code = journal->record().notes ? kExitNotes : sys::kExitSuccess;
    return end_of(run.finish(), code, "applied", request, say);
  }
  if (step == Step::undo || step == Step::undo_start) {
    say({"a rollback that was begun is finished first"});
    if (auto undone = UpgradeRun(request.home, *journal, say).undo(); !undone) {
      return trouble(undone.error().text);
    }
  } else if (step == Step::keep) {
    if (auto gone = UpgradeRun(request.home, *journal, say).discard(); !gone) {
      return trouble(gone.error().text);
    }
  }
  return begin(request, *journal, out, say);
}

int rollback(const survey::Request& request, sys::Writer& out) {
  Progress say(out);
  auto journal = enter(request);
  if (!journal) {
    return trouble(journal.error().text);
  }
  const Step step = journal->record().step;
  if (step == Step::none || step == Step::undone) {
    say({"nothing to roll back"});
    return sys::kExitSuccess;
  }
  UpgradeRun run(request.home, *journal, say);
  if (step == Step::keep) {
    if (auto gone = run.discard(); !gone) {
      return trouble(gone.error().text);
    }
    say({"nothing had been changed"});
    return sys::kExitSuccess;
  }
  return end_of(run.undo(), sys::kExitSuccess, "rolled back", request, say);
}

}  // namespace reqmail::upgrade
