#include "spawn/local_spawn.h"

#include <signal.h>

#include <string_view>
#include <utility>
#include <vector>

#include "base/program_end.h"
#include "base/text.h"
#include "local/deliver.h"
#include "spawn/hook.h"
#include "spawn/protocol.h"
#include "spawn/report.h"
#include "sys/program.h"

namespace reqmail::spawn {

namespace {

namespace lspawn_exit = mail::lspawn_exit;

Step ended(int code) {
  return base::ProgramEnd{false, code};
}

// The "--" is needed since a user's name in users/cdb may begin with a dash.
std::vector<std::string> arguments_of(const local::Request& request) {
  return {"bin/qmail-local", "--",
          request.user,      request.home,
          request.local,     request.dash,
          request.ext,       request.host,
          request.sender,    request.default_instructions};
}

}  // namespace

LocalSpawn::LocalSpawn(LocalSpawnSettings settings)
    : settings_(std::move(settings)),
      program_(settings_.program, settings_.program_mark),
      assignments_(base::concat({settings_.home, "/users/cdb"})),
      lookup_({.home = settings_.home,
               .program = base::concat({settings_.home, "/bin/qmail-getpw"}),
               .mark = settings_.lookup_mark,
               .identity = settings_.lookup_identity}),
      workers_({.home = settings_.home,
                .program = settings_.program,
                .default_instructions = settings_.default_delivery,
                .accounts = {"/etc/passwd", "/etc/group",
                             base::concat({settings_.home, "/users/cdb"})}}) {}

Step LocalSpawn::begin(const Order& order) {
  const std::string_view local_part = spawn::local_part(order);
  if (local_part.empty()) {
    // Mail for the trash address succeeds without a delivery.
    return ended(0);
  }
  auto assigned = assignments_.find(local_part);
  if (!assigned) {
    return ended(lspawn_exit::kUsersCdb);
  }
  if (*assigned) {
    return deliver(order, **assigned);
  }
  if (lookup_.ask(order.slot, local_part)) {
    return Waiting();
  }
  return run_lookup(order);
}

Step LocalSpawn::run_lookup(const Order& order) const {
  Run run;
  run.child.program = base::concat({settings_.home, "/bin/qmail-getpw"});
  run.child.arguments = {"bin/qmail-getpw", std::string(local_part(order))};
  run.child.directory = settings_.home;
  run.child.identity = settings_.lookup_identity;
  run.child.identity_trusted = true;
  run.child.exec_failed = lspawn_exit::kRunGetpw;
  run.child.identity_failed = lspawn_exit::kBug;
  run.asks = true;
  return run;
}

void LocalSpawn::watch(sys::Poller& poller) {
  lookup_.watch(poller);
  workers_.watch(poller);
}

std::optional<std::chrono::milliseconds> LocalSpawn::wakes_at() const {
  return lookup_.wakes_at();
}

std::vector<unsigned> LocalSpawn::collect(const sys::Poller& poller) {
  std::vector<unsigned> slots;
  for (ResidentLookup::Outcome& outcome : lookup_.collect(poller)) {
    slots.push_back(outcome.slot);
    outcomes_[outcome.slot] = std::move(outcome.answer);
  }
  for (WorkerPool::Outcome& outcome : workers_.collect(poller)) {
    slots.push_back(outcome.slot);
    results_[outcome.slot] = std::move(outcome.result);
  }
  return slots;
}

Step LocalSpawn::go_on(const Order& order) {
  if (results_.contains(order.slot)) {
    return after_worker(order.slot);
  }
  const auto answer = std::move(outcomes_[order.slot]);
  (void)outcomes_.erase(order.slot);
  if (!answer) {
    return run_lookup(order);
  }
  if (answer->code != 0) {
    return ended(answer->code);
  }
  return deliver(order, answer->fields);
}

Step LocalSpawn::after_worker(unsigned slot) {
  auto result = std::move(results_.extract(slot).mapped());
  Run run = std::move(runs_.extract(slot).mapped());
  if (!result) {
    return base::ProgramEnd{true, SIGKILL};
  }
  if (result->kind != WorkerResult::Kind::done) {
    return run;
  }
  return Done{{false, result->code}, std::move(result->output)};
}

void LocalSpawn::forget(unsigned slot) {
  lookup_.forget(slot);
}

void LocalSpawn::forget_all() {
  outcomes_.clear();
  results_.clear();
  runs_.clear();
}

void LocalSpawn::child_ended(pid_t child, base::ProgramEnd /*end*/) {
  lookup_.child_ended(child);
  workers_.child_ended(child);
}

void LocalSpawn::offer_to_workers(const Order& order, const local::Request& request, Run& run) {
  run.take_over = [this, slot = order.slot, request, plain = run](
                      int message, const std::function<void()>& forget) {
    if (!workers_.give(slot, request, *plain.child.identity, message, forget)) {
      return false;
    }
    runs_.insert_or_assign(slot, plain);
    return true;
  };
}

Step LocalSpawn::answered(const Order& order, base::ProgramEnd end, const Output& answer) {
  if (end.crashed) {
    return ended(lspawn_exit::kSystem);
  }
  if (end.code == mail::kNotLoaded) {
    return ended(lspawn_exit::kRunGetpw);
  }
  if (end.code != 0) {
    return end;
  }
  if (answer.cut) {
    return ended(lspawn_exit::kBug);
  }
  return deliver(order, answer.text);
}

Step LocalSpawn::deliver(const Order& order, std::string_view fields) {
  auto user = users::parse_user(fields);
  if (!user) {
    return ended(lspawn_exit::kBug);
  }
  if (user->uid == 0) {
    return ended(lspawn_exit::kRoot);
  }
  const local::Request request = {
      .user = std::move(user->name),
      .home = std::move(user->home),
      .local = std::string(local_part(order)),
      .dash = std::move(user->dash),
      .ext = std::move(user->extension),
      .host = std::string(domain(order)),
      .sender = order.sender,
      .default_instructions = settings_.default_delivery,
  };
  Run run;
  run.child.program = settings_.program;
  run.child.arguments = arguments_of(request);
  run.child.directory = settings_.home;
  run.child.identity = sys::Identity{user->uid, user->gid};
  run.child.exec_failed = lspawn_exit::kRunTemporary;
  run.child.identity_failed = lspawn_exit::kBug;
  if (!may_stand_in(request)) {
    workers_.retire_all();
    if (!settings_.replaced && is_barred(settings_.program)) {
      run.child.exec_failed = lspawn_exit::kRunPermanent;
    }
  } else {
    run.child.work = [request] {
      const sys::Program program(local::delivery_start());
      return local::deliver(request);
    };
    if (settings_.workers) {
      offer_to_workers(order, request, run);
    }
  }
  return run;
}

bool LocalSpawn::may_stand_in(const local::Request& request) {
  // For any other home the program must run, since it reports why it refuses the home.
  return request.home.starts_with('/') && program_.is_there();
}

std::string LocalSpawn::report(base::ProgramEnd end, const Output& output) {
  return local_report(end, output);
}

}  // namespace reqmail::spawn
