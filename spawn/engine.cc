#include "spawn/engine.h"

#include <signal.h>
#include <string.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/program_end.h"
#include "base/text.h"
#include "sys/clock.h"
#include "sys/file.h"
#include "sys/secrets.h"
#include "sys/signals.h"
#include "sys/stream.h"

namespace reqmail::spawn {

namespace {

constexpr int kOrders = 0;
constexpr int kReports = 1;
constexpr std::size_t kReadSize = 8192;
// The answer of a look-up describes one user, so it is short.
constexpr std::size_t kAnswerMax = std::size_t{64} << 10;

constexpr std::string_view kNoMessage = "qmail-spawn unable to open message. (#4.3.0)\n";
constexpr std::string_view kNoStatus = "qmail-spawn unable to fstat message. (#4.3.0)\n";
constexpr std::string_view kWrongType = "Sorry, message has wrong type. (#4.3.5)\n";
constexpr std::string_view kWrongOwner = "Sorry, message has wrong owner. (#4.3.5)\n";
constexpr std::string_view kNoPipe = "qmail-spawn unable to create pipe. (#4.3.0)\n";
constexpr std::string_view kTooLong = "The delivery took too long and was ended. (#4.3.0)\n";
// How long killed processes may take to end.
constexpr std::chrono::milliseconds kGrace(10000);
constexpr std::string_view kNoFork = "qmail-spawn unable to fork. (#4.3.0)\n";

// Opens the message file. A Failure has the text of the report.
Result<sys::Fd> open_own(const std::string& path, uid_t owner) {
  // A FIFO in the queue must not block all deliveries.
  auto file = sys::open_read_nonblocking(path);
  if (!file) {
    return temporary(std::string(kNoMessage));
  }
  auto info = sys::status(file->get());
  if (!info) {
    return temporary(std::string(kNoStatus));
  }
  if (!S_ISREG(info->st_mode)) {
    return temporary(std::string(kWrongType));
  }
  if (info->st_uid != owner) {
    return temporary(std::string(kWrongOwner));
  }
  return std::move(*file);
}

void append(Output& output, std::string_view bytes, std::size_t limit) {
  const std::size_t room = limit - output.text.size();
  output.text.append(bytes.substr(0, room));
  output.cut = output.cut || bytes.size() > room;
}

// Reads once from a pipe that is readable; closes it at end of file.
void read_pipe(sys::Fd& pipe, Output& output, std::size_t limit) {
  std::array<char, kReadSize> buffer;
  auto count = sys::read_some(pipe.get(), buffer.data(), buffer.size());
  if (!count || *count == 0) {
    pipe.close();
    return;
  }
  append(output, std::string_view(buffer.data(), *count), limit);
}

}  // namespace

void Engine::forget(Slot& slot) {
  sys::wipe(slot.order.sender);
  sys::wipe(slot.order.recipient);
  sys::wipe(slot.output.text);
  sys::wipe(slot.answer.text);
  // What is freed in qmail-lspawn is overwritten.
  slot.held.reset();
}

Engine::Engine(EngineSettings settings, Policy& policy)
    : settings_(std::move(settings)), policy_(policy), slots_(settings_.slots) {}

Result<void> Engine::serve() {
  auto child_signal = sys::signals_to_pipe({SIGCHLD});
  if (!child_signal) {
    return child_signal.error();
  }
  sys::disregard_signals({SIGPIPE});
  const char limit = static_cast<char>(settings_.slots);
  writing_ = sys::write_all(kReports, std::string_view(&limit, 1)).has_value();
  while (reading_ || running_ > 0) {
    watch(*child_signal);
    if (!poller_.wait(wait_limit())) {
      continue;
    }
    if (poller_.ready(signal_watch_)) {
      reap_children(*child_signal);
    }
    for (Slot& slot : slots_) {
      if (slot.used) {
        collect(slot);
        advance(slot);
      }
    }
    resume_waiting();
    end_late_deliveries();
    if (order_watch_ && poller_.ready(*order_watch_)) {
      take_orders();
    }
    start_held();
    refuse_held();
    write_reports();
  }
  return {};
}

void Engine::watch(int child_signal) {
  poller_.clear();
  policy_.watch(poller_);
  signal_watch_ = poller_.watch_read(child_signal);
  order_watch_.reset();
  if (reading_) {
    order_watch_ = poller_.watch_read(kOrders);
  }
  for (Slot& slot : slots_) {
    slot.output_watch.reset();
    slot.answer_watch.reset();
    if (slot.output_read.valid()) {
      slot.output_watch = poller_.watch_read(slot.output_read.get());
    }
    if (slot.answer_read.valid()) {
      slot.answer_watch = poller_.watch_read(slot.answer_read.get());
    }
  }
}

void Engine::take_orders() {
  std::array<char, kReadSize> buffer;
  auto count = sys::read_some(kOrders, buffer.data(), buffer.size());
  if (!count || *count == 0) {
    // An incomplete order at the end is ignored.
    reading_ = false;
    return;
  }
  std::string_view input(buffer.data(), *count);
  while (!input.empty()) {
    if (auto order = orders_.take(input)) {
      accept(std::move(*order));
    }
  }
  // The buffer had addresses of other users, and children that inherit this memory run as
  // single users.
  ::explicit_bzero(buffer.data(), buffer.size());
}

void Engine::accept(Order order) {
  const bool busy = order.slot < slots_.size() && slots_[order.slot].used;
  if (const auto refused = refusal(order, settings_.slots, busy)) {
    send_report(order.slot, mail::report(*refused));
    return;
  }
  Slot& slot = slots_[order.slot];
  slot.used = true;
  ++running_;
  slot.order = std::move(order);
  set_deadline(slot);
  if (policy_.joins(slot.order)) {
    slot.waiting = true;
  } else if (open_message(slot)) {
    take_step(slot, policy_.begin(slot.order));
  }
}

// If it cannot be opened, the delivery is over.
bool Engine::open_message(Slot& slot) {
  auto message = open_own(base::concat({settings_.message_directory, slot.order.message}),
                          settings_.message_owner);
  if (!message) {
    finish(slot, mail::report(message.error()));
    return false;
  }
  slot.message = *std::move(message);
  return true;
}

void Engine::set_deadline(Slot& slot) const {
  if (settings_.time_limit.count() > 0) {
    slot.deadline = sys::monotonic() + settings_.time_limit;
  }
}

void Engine::take_step(Slot& slot, Step step) {
  if (auto* run = std::get_if<Run>(&step)) {
    start(slot, *run);
    return;
  }
  if (std::holds_alternative<Waiting>(step)) {
    slot.waiting = true;
    return;
  }
  if (auto* done = std::get_if<Done>(&step)) {
    append(slot.output, done->output, settings_.output_max);
    slot.end = done->end;
    // A look-up that was executed before has left the pipe for the delivery.
    slot.output_write.close();
    advance(slot);
    return;
  }
  slot.end = *std::get_if<base::ProgramEnd>(&step);
  slot.output_write.close();
  advance(slot);
}

void Engine::start(Slot& slot, Run& run) {
  if (is_busy(run)) {
    hold(slot, run);
    return;
  }
  if (!slot.message.valid() && !open_message(slot)) {
    return;
  }
  if (!run.asks && run.child.identity) {
    slot.user = run.child.identity->uid;
  }
  if (run.take_over &&
      run.take_over(slot.message.get(), [this, &slot] { forget_others(slot); })) {
    slot.waiting = true;
    return;
  }
  run.child.own_group = slot.deadline.has_value();
  if (!slot.output_read.valid()) {
    auto pipe = sys::make_pipe();
    if (!pipe) {
      finish(slot, mail::report(mail::Grade::temporary, kNoPipe));
      return;
    }
    slot.output_read = std::move(pipe->read);
    slot.output_write = std::move(pipe->write);
  }
  int input = slot.message.get();
  int output = slot.output_write.get();
  sys::Fd answer_write;
  if (run.asks) {
    auto pipe = sys::make_pipe();
    if (!pipe) {
      finish(slot, mail::report(mail::Grade::temporary, kNoPipe));
      return;
    }
    slot.answer_read = std::move(pipe->read);
    answer_write = std::move(pipe->write);
    output = answer_write.get();
    if (!null_device_.valid()) {
      null_device_ = std::move(sys::open_read("/dev/null")).value_or(sys::Fd());
    }
    input = null_device_.valid() ? null_device_.get() : input;
  }
  run.child.descriptors.insert(run.child.descriptors.end(),
                               {{input, 0}, {output, 1}, {slot.output_write.get(), 2}});
  keep_to_itself(slot, run);
  auto child = sys::spawn(run.child);
  if (!child) {
    finish(slot, mail::report(mail::Grade::temporary, kNoFork));
    return;
  }
  slot.child = *std::move(child);
  slot.asking = run.asks;
  if (!run.asks) {
    slot.message.close();
    slot.output_write.close();
  }
}

// Makes a child that inherits this memory forget all other deliveries.
void Engine::keep_to_itself(const Slot& slot, Run& run) {
  if (!run.child.work) {
    return;
  }
  run.child.work = [this, &slot, work = std::move(run.child.work)] {
    forget_others(slot);
    return work();
  };
}

void Engine::forget_others(const Slot& slot) {
  policy_.forget_all();
  for (Slot& other : slots_) {
    if (&other != &slot) {
      forget(other);
    }
  }
  sys::wipe(reports_);
}

void Engine::collect(Slot& slot) {
  if (slot.output_watch && poller_.ready(*slot.output_watch)) {
    read_pipe(slot.output_read, slot.output, settings_.output_max);
  }
  if (slot.answer_watch && poller_.ready(*slot.answer_watch)) {
    read_pipe(slot.answer_read, slot.answer, kAnswerMax);
  }
}

void Engine::reap_children(int child_signal) {
  std::array<char, kReadSize> buffer;
  (void)sys::read_some(child_signal, buffer.data(), buffer.size());
  while (const auto ended = sys::reap()) {
    const auto slot = std::find_if(slots_.begin(), slots_.end(), [&ended](const Slot& one) {
      return one.used && one.child.pid() == ended->pid;
    });
    if (slot != slots_.end()) {
      (void)slot->child.release();
      slot->end = ended->status;
    } else {
      policy_.child_ended(ended->pid, ended->status);
    }
  }
}

void Engine::resume_waiting() {
  for (const unsigned number : policy_.collect(poller_)) {
    Slot& slot = slots_[number];
    slot.waiting = false;
    // If it has to be run after all, it does not stand in its own way.
    slot.user.reset();
    take_step(slot, policy_.go_on(slot.order));
  }
}

// Treats the delivery as if the child of a look-up had been killed.
void Engine::end_waiting(Slot& slot) {
  slot.waiting = false;
  policy_.forget(slot.order.slot);
  take_step(slot, policy_.answered(slot.order, {true, SIGKILL}, {}));
}

// Continues a delivery whose child has ended and whose pipe has no writer any more: processes
// that the child has left behind may still write.
void Engine::advance(Slot& slot) {
  if (!slot.used || !slot.end) {
    return;
  }
  if (slot.asking) {
    if (!slot.answer_read.valid()) {
      slot.asking = false;
      take_step(slot, policy_.answered(slot.order, *std::exchange(slot.end, {}), slot.answer));
    }
    return;
  }
  if (slot.output_read.valid()) {
    return;
  }
  if (slot.late && slot.end->crashed) {
    finish(slot, mail::report(mail::Grade::temporary, kTooLong));
    return;
  }
  std::string report = policy_.report(*slot.end, slot.output);
  if (mail::busy_user(report)) {
    // Only qmail-lspawn itself may send this report, so a program's text is changed.
    report.pop_back();
  }
  finish(slot, report);
}

// Returns whether the user has so many deliveries that this one must wait.
bool Engine::is_busy(const Run& run) const {
  if (settings_.user_max == 0 || run.asks || !run.child.identity ||
      (settings_.user_max_by_places && running_ > settings_.places)) {
    return false;
  }
  const auto is_users = [user = run.child.identity->uid](const Slot& slot) {
    return slot.used && slot.user == user;
  };
  return static_cast<std::size_t>(std::count_if(slots_.begin(), slots_.end(), is_users)) >=
         settings_.user_max;
}

// The time limit of a delivery does not run while it waits.
void Engine::hold(Slot& slot, Run& run) {
  slot.held = std::move(run);
  slot.held_until = sys::monotonic() + kHold;
  slot.deadline.reset();
}

void Engine::start_held() {
  std::vector<Slot*> waiting;
  for (Slot& slot : slots_) {
    if (slot.held && !is_busy(*slot.held)) {
      waiting.push_back(&slot);
    }
  }
  std::stable_sort(waiting.begin(), waiting.end(), [](const Slot* one, const Slot* other) {
    return one->held_until < other->held_until;
  });
  for (Slot* slot : waiting) {
    // A delivery started before in this loop may have taken the user's last place.
    if (!is_busy(*slot->held)) {
      set_deadline(*slot);
      Run run = std::move(*slot->held);
      slot->held.reset();
      start(*slot, run);
    }
  }
}

// Sends deliveries that wait in places which others need back to qmail-send.
void Engine::refuse_held() {
  if (running_ < settings_.places) {
    return;
  }
  const std::chrono::milliseconds now = sys::monotonic();
  for (Slot& slot : slots_) {
    if (slot.held && slot.held_until <= now) {
      finish(slot, mail::user_busy_report(slot.held->child.identity->uid));
    }
  }
}

// Returns the time until the next deadline, which no descriptor signals; nullopt if there is
// none.
std::optional<std::chrono::milliseconds> Engine::wait_limit() const {
  std::optional<std::chrono::milliseconds> first;
  const auto consider = [&first](std::chrono::milliseconds time) {
    first = std::min(first.value_or(time), time);
  };
  for (const Slot& slot : slots_) {
    if (slot.deadline) {
      consider(*slot.deadline);
    }
    if (slot.held && running_ >= settings_.places) {
      consider(slot.held_until);
    }
  }
  if (const auto time = policy_.wakes_at()) {
    consider(*time);
  }
  if (first) {
    first = std::max(*first - sys::monotonic(), std::chrono::milliseconds(0));
  }
  return first;
}

// Kills a child that has not ended, with its process group. If the child has ended already,
// this only stops waiting for the processes that have its output open, since it is not known
// whether these belong to the delivery.
void Engine::end_late_deliveries() {
  if (settings_.time_limit.count() == 0) {
    return;
  }
  const std::chrono::milliseconds now = sys::monotonic();
  for (Slot& slot : slots_) {
    if (!slot.used || !slot.deadline || *slot.deadline > now) {
      continue;
    }
    slot.deadline = now + kGrace;
    if (slot.waiting) {
      end_waiting(slot);
    } else if (slot.child.valid()) {
      slot.late = true;
      slot.child.send_group_signal(SIGKILL);
    } else {
      slot.output_read.close();
      slot.answer_read.close();
      advance(slot);
    }
  }
}

void Engine::finish(Slot& slot, std::string_view text) {
  send_report(slot.order.slot, text);
  forget(slot);
  slot = Slot();
  --running_;
}

void Engine::send_report(unsigned number, std::string_view text) {
  if (writing_) {
    reports_ += frame_report(number, text);
  }
}

void Engine::write_reports() {
  if (!reports_.empty()) {
    writing_ = sys::write_all(kReports, reports_).has_value();
    sys::wipe(reports_);
  }
}

}  // namespace reqmail::spawn
