#include "upgrade/upgrade_run.h"

#include <utility>

#include "base/text.h"
#include "survey/running.h"
#include "upgrade/disk.h"
#include "upgrade/queue_change.h"
#include "upgrade/restart.h"
#include "upgrade/service_control.h"
#include "upgrade/strays.h"
#include "upgrade/todo_layout.h"

namespace reqmail::upgrade {

std::string way_back(const std::string& home) {
  return base::concat({home, "/bin/qmail-upgrade --home=", home, " rollback"});
}

UpgradeRun::UpgradeRun(std::string home, Journal& journal, Progress& say)
    : places_(std::move(home), journal.record().time),
      journal_(journal),
      say_(say),
      swap_(places_, journal.record().puts) {}

Result<void> UpgradeRun::prepare(const Plan& plan) {
  auto done = swap_.keep();
  if (done) {
    say_({"old programs are kept in ", places_.old_bin()});
    done = swap_.stage(plan.files);
  }
  if (!done) {
    (void)discard();
  }
  return done;
}

Result<void> UpgradeRun::discard() {
  if (auto gone = swap_.discard(); !gone) {
    return gone;
  }
  return journal_.forget();
}

Result<void> UpgradeRun::set_accesses(bool back) {
  for (const AccessChange& change : journal_.record().accesses) {
    if (auto set = set_access(change.target, back ? change.before : change.after);
        !set && set.error().error != ENOENT) {
      return set;
    }
  }
  return {};
}

Result<void> UpgradeRun::put_programs() {
  if (auto same = swap_.check_settings(); !same) {
    return same;
  }
  if (auto done = swap_.put(Phase::settings, Phase::programs); !done) {
    return done;
  }
  // This comes after the files, since a file may get both new content and a new owner.
  if (auto set = set_accesses(false); !set) {
    return set;
  }
  say_({"programs are in place"});
  return {};
}

Result<void> UpgradeRun::change() {
  const Record& record = journal_.record();
  // No program may use a divided todo while it changes, and nothing may be added to an
  // additional channel after it was emptied.
  sys::Fd mutex;
  const bool held = record.todo || record.channels;
  if (held) {
    auto queue = hold_queue(places_.home(), say_);
    if (!queue) {
      return queue.error();
    }
    mutex = std::move(*queue);
  }
  if (record.step < Step::daemons) {
    if (auto done = put_programs(); !done) {
      return done;
    }
  }
  if (held) {
    if (auto converted = convert_queue(places_.home(), record, say_); !converted) {
      return converted;
    }
  }
  if (record.todo) {
    wait_for_earlier_queue_programs(places_.home());
    if (auto flat = flatten_todo(places_.home()); !flat) {
      return flat;
    }
    say_({"queue/todo and queue/intd are flat"});
  }
  if (record.step < Step::daemons) {
    if (auto announced = journal_.step(Step::daemons); !announced) {
      return announced;
    }
  }
  if (auto done = swap_.put_daemons(); !done) {
    return done;
  }
  if (auto done = swap_.put(Phase::papers, Phase::papers); !done) {
    return done;
  }
  if (!record.mini) {
    say_({"daemons are in place"});
  }
  // Until now a supervisor has started the old set, whose qmail-todo continues alone.
  return held ? convert_queue(places_.home(), record, say_) : Result<void>();
}

void UpgradeRun::restart_edited() {
  for (const Put& put : journal_.record().puts) {
    const std::string settings = places_.home() + "/control/";
    if (put.phase != Phase::settings || put.target.compare(0, settings.size(), settings) == 0) {
      continue;
    }
    std::string_view effect = ": what it starts must be started again";
    if (restart_service_of(put.target)) {
      effect = ", and its service started again";
    } else if (reload_unit(put.target)) {
      // The processes of a template are sessions that began before.
      effect = put.target.find("@.") != std::string::npos
                   ? ", and systemd has read it again"
                   : ", and systemd has read it again: what it started must be started again";
    }
    if (journal_.record().step >= Step::undo) {
      say_({put.target, " is the old one again", effect});
    } else {
      say_({put.target, " was changed", effect, "; the old one is ",
            places_.old_of(put.target)});
    }
  }
}

Result<void> UpgradeRun::announce_restart(Step step) {
  const auto send = survey::find_send(places_.home());
  // A qmail-send that was started since the upgrade began may belong to the old set.
  if (send && !journal_.record().service) {
    if (auto noted = journal_.service(send->service); !noted) {
      return noted;
    }
  }
  return journal_.step(step, send ? std::optional(mark_of(*send)) : std::nullopt);
}

Result<void> UpgradeRun::note_service() {
  const auto send = survey::find_send(places_.home());
  return send ? journal_.service(send->service) : Result<void>();
}

Result<Ending> UpgradeRun::finish() {
  const Record& record = journal_.record();
  if (record.step < Step::change) {
    if (auto announced = journal_.step(Step::change); !announced) {
      return announced.error();
    }
  }
  if (record.step < Step::restart) {
    if (auto changed = change(); !changed) {
      return changed.error();
    }
    if (auto announced = announce_restart(Step::restart); !announced) {
      return announced.error();
    }
  }
  if (record.step == Step::restart) {
    restart_edited();
    if (record.service) {
      if (auto up = restart_send(places_.home(), *record.service, record.leaving,
                                 WantedSet::ours, say_);
          !up) {
        return up.error();
      }
      say_({"qmail-send was started again (",
            survey::supervisor_name(record.service->supervisor), ")"});
    }
    if (auto ended = end_strays(places_.home(), say_); !ended) {
      return ended.error();
    }
    if (auto announced = journal_.step(Step::verify); !announced) {
      return announced.error();
    }
  }
  auto ending = prove(places_.home(), journal_.record(), say_);
  if (!ending) {
    return ending;
  }
  if (!prove_listeners(places_.home(), say_)) {
    ending = Ending::unproved;
  }
  if (auto announced = journal_.step(Step::applied); !announced) {
    return announced.error();
  }
  return ending;
}

Result<void> UpgradeRun::change_back() {
  const Record& record = journal_.record();
  sys::Fd mutex;
  if (record.todo) {
    auto held = hold_queue(places_.home(), say_);
    if (!held) {
      return held.error();
    }
    mutex = std::move(*held);
    // The old qmail-queue must find its directories, but the new qmail-send must not.
    if (auto done = swap_.undo_daemons(); !done) {
      return done;
    }
    if (auto made = make_todo_directories(places_.home(), *record.todo); !made) {
      return made;
    }
  }
  if (auto done = swap_.undo(Phase::settings, Phase::programs); !done) {
    return done;
  }
  if (auto done = swap_.undo_daemons(); !done) {
    return done;
  }
  if (auto done = swap_.undo(Phase::papers, Phase::papers); !done) {
    return done;
  }
  if (auto set = set_accesses(true); !set) {
    return set;
  }
  if (record.todo) {
    // An envelope that a newer qmail-queue has begun must not be moved while it writes.
    wait_for_earlier_queue_programs(places_.home());
    const bool alone = survey::earlier_queue_programs(places_.home()).empty();
    if (auto divided = divide_todo(places_.home(), *record.todo,
                                   alone ? Moved::everything : Moved::messages);
        !divided) {
      return divided;
    }
    say_({"queue/todo and queue/intd are divided again"});
    if (auto ended = end_strays(places_.home(), say_); !ended) {
      return ended;
    }
  }
  say_({"old programs are in place"});
  return {};
}

Result<void> UpgradeRun::begin_undo() {
  if (auto complete = swap_.check_old_files(); !complete) {
    return complete;
  }
  if (auto noted = note_service(); !noted) {
    return noted;
  }
  return journal_.step(Step::undo);
}

Result<void> UpgradeRun::put_back() {
  if (auto dropped = swap_.drop_staged(); !dropped) {
    return dropped;
  }
  if (auto changed = change_back(); !changed) {
    return changed;
  }
  return announce_restart(Step::undo_start);
}

Result<void> UpgradeRun::start_old() {
  const Record& record = journal_.record();
  restart_edited();
  if (record.service) {
    if (auto up =
            restart_send(places_.home(), *record.service, record.leaving, WantedSet::old, say_);
        !up) {
      return up;
    }
    say_({"the old qmail-send was started (",
          survey::supervisor_name(record.service->supervisor), ")"});
  }
  if (auto ended = end_strays(places_.home(), say_); !ended) {
    return ended;
  }
  return record.todo ? sweep_todo(places_.home(), *record.todo) : Result<void>();
}

Result<Ending> UpgradeRun::prove_old() {
  const std::string self = places_.program("qmail-upgrade");
  if (auto gone = swap_.remove_new(Phase::settings, Phase::papers, self); !gone) {
    return gone.error();
  }
  for (const Swap::Changed& changed : swap_.changed()) {
    say_({changed.target, " had been changed after apply: that one is ", changed.kept});
  }
  // The old programs are restored, whatever the test message shows.
  auto ending = prove(places_.home(), journal_.record(), say_);
  if (!ending) {
    say_({ending.error().text});
    ending = Ending::unproved;
  }
  // The program that could try again is removed last.
  if (auto gone = swap_.remove_new(Phase::programs, Phase::programs, ""); !gone) {
    return gone.error();
  }
  return ending;
}

Result<Ending> UpgradeRun::undo() {
  const Record& record = journal_.record();
  if (record.step < Step::undo) {
    if (auto begun = begin_undo(); !begun) {
      return begun.error();
    }
  }
  if (record.step == Step::undo) {
    if (auto back = put_back(); !back) {
      return back.error();
    }
  }
  if (auto started = start_old(); !started) {
    return started.error();
  }
  auto ending = prove_old();
  if (!ending) {
    return ending;
  }
  if (auto announced = journal_.step(Step::undone); !announced) {
    return announced.error();
  }
  return ending;
}

}  // namespace reqmail::upgrade
