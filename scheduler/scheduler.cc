#include "scheduler/scheduler.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "scheduler/log_lines.h"

namespace reqmail::scheduler {

Scheduler::Scheduler(const SchedulerConfig& config)
    : context_(config.split),
      gate_(config.own_uid),
      durability_(clean_),
      passes_({config.concurrency, config.lifetime, config.together}, config.domains,
              durability_, marks_),
      intake_(config.routing, config.lifetime, {gate_, durability_, marks_, passes_}),
      reports_(passes_, intake_.router()),
      endings_({clean_, gate_, durability_, marks_, passes_, intake_}) {
  context_.retry = config.retry;
  context_.delay_warning = config.delay_warning;
}

Actions Scheduler::handle(const Event& event, Moment now) {
  if (now.date < context_.now.date) {
    // The clock was set back.
    passes_.shift_back(context_.now.date - now.date);
  }
  context_.now = now;
  context_.actions.clear();
  std::visit([this](const auto& what) { route(what); }, event);
  if (context_.ending && !std::exchange(ending_, true)) {
    end_parts();
  }
  if (std::holds_alternative<Turn>(event)) {
    // Other events may be answers in the midst of actions, of which log lines are still to
    // come.
    exit_if_done();
  }
  return std::exchange(context_.actions, {});
}

std::optional<Steady> Scheduler::wait(Moment now) const {
  std::optional<Steady> until = context_.log_hold.first();
  if (!context_.ending) {
    // Otherwise nothing is tried again any more.
    until = earlier(until, durability_.first());
    until = earlier(until, marks_.first());
    until = earlier(until, intake_.first());
    until = earlier(until, reports_.first());
    until = earlier(until, endings_.first());
    until = earlier(until, passes_.next_start());
    if (const auto date = passes_.first()) {
      until = earlier<Steady>(until, now.steady + (*date - now.date));
    }
  }
  return until ? std::optional<Steady>(std::max(*until - now.steady, Steady(0))) : until;
}

void Scheduler::on(const Terminate& /*event*/, Context& context) {
  context.end();
}

void Scheduler::on(const Noticed& event, Context& context) {
  context.log(event.alert ? log_line::alert(event.warning) : log_line::warning(event.warning));
}

void Scheduler::on(const Reread& event, Context& context) {
  context.retry = event.retry;
  context.delay_warning = event.delay_warning;
}

void Scheduler::on(const Turn& /*event*/, Context& context) {
  context.log_hold.turn(context.now.steady);
  reports_.turn(context);
  if (!context.ending) {
    durability_.turn(context);
    marks_.turn(context);
    endings_.timers(context);
  }
  intake_.turn(context);
  passes_.turn(context);
  endings_.turn(context);
}

// TERM, or a helper is gone: nothing new is begun; what is under way is waited for, and no
// message is left half preprocessed.
void Scheduler::end_parts() {
  endings_.end(context_);
  intake_.end();
  marks_.end(context_);
  durability_.end(context_);
  reports_.end(context_);
}

bool Scheduler::can_exit() const {
  return context_.ending && endings_.at_rest(context_) && passes_.at_rest() &&
         reports_.at_rest();
}

void Scheduler::exit_if_done() {
  // The answers to these actions may want more: a message that has begun to leave the queue
  // leaves it whole. Each round has a Turn, so the end comes soon enough.
  const bool asked =
      std::any_of(context_.actions.begin(), context_.actions.end(),
                  [](const Action& action) { return !std::holds_alternative<Log>(action); });
  if (exited_ || asked || !can_exit()) {
    return;
  }
  exited_ = true;
  passes_.keep_times(context_);
  context_.log_hold.release_all();
  context_.log(log_line::exiting());
  context_.act(Exit{});
}

}  // namespace reqmail::scheduler
