#include "send/daemon.h"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/number.h"
#include "base/text.h"
#include "config.h"
#include "queue/mutex.h"
#include "queue/posix_files.h"
#include "queue/split.h"
#include "scheduler/idle_guard.h"
#include "scheduler/log_lines.h"
#include "send/bounce_programs.h"
#include "send/executor.h"
#include "send/trigger.h"
#include "sys/background.h"
#include "sys/clock.h"
#include "sys/exits.h"
#include "sys/file.h"
#include "sys/poller.h"
#include "sys/signals.h"
#include "sys/stream.h"

namespace reqmail::send {

namespace {

using scheduler::Channel;

// The number of syncs at a time. The journal of a file system combines them, so more threads
// help up to about this number.
constexpr std::size_t kSyncThreads = 8;

// The amount of work between two looks at the descriptors. A turn may wait for the disk, and
// while a report waits, its recipient would get the message twice if qmail-send were killed.
constexpr std::size_t kTurnsPerRound = 8;

// Before anything is delivered, the queue is gone through for so many pieces and so long at
// most: the messages of a queue of usual size are delivered in the order in which they are due,
// and a long queue keeps nobody waiting.
constexpr std::size_t kPiecesAtStart = 8;
constexpr std::chrono::milliseconds kScanAtStart{50};

// Log lines are written in pieces of this size at most, since a write to a pipe is atomic up to
// it.
constexpr std::size_t kPipeAtomic = 4096;

constexpr std::size_t kReadBuffer = 16384;

int orders_fd(Channel channel) {
  return channel == Channel::local ? send_fd::kLocalOrders : send_fd::kRemoteOrders;
}

int reports_fd(Channel channel) {
  return channel == Channel::local ? send_fd::kLocalReports : send_fd::kRemoteReports;
}

// Writes as many bytes as possible without waiting and removes them. Returns false if the
// reader is gone.
bool write_out(int fd, std::string& bytes) {
  std::size_t written = 0;
  while (written < bytes.size()) {
    const auto count = sys::write_some(fd, std::string_view(bytes).substr(written));
    if (!count) {
      bytes.erase(0, written);
      return count.error().error == EAGAIN;
    }
    written += *count;
  }
  bytes.clear();
  return true;
}

// Returns the length of as many whole lines as one write may take, but of at least one line.
std::size_t lines_for_one_write(std::string_view text) {
  if (text.size() <= kPipeAtomic) {
    return text.size();
  }
  const std::size_t fits = text.substr(0, kPipeAtomic).rfind('\n');
  if (fits != std::string_view::npos) {
    return fits + 1;
  }
  return std::min(text.find('\n'), text.size() - 1) + 1;
}

void write_lines(std::string_view text) {
  while (!text.empty()) {
    const std::size_t length = lines_for_one_write(text);
    (void)sys::write_all(send_fd::kLog, text.substr(0, length));
    text.remove_prefix(length);
  }
}

class Daemon {
 public:
  Daemon(SendSettings settings, mail::QueueLayout layout, std::unique_ptr<sys::ThreadPool> pool,
         int signals)
      : settings_(std::move(settings)),
        pool_(std::move(pool)),
        signals_(signals),
        executor_(settings_.scheduler,
                  {files_, layout, *pool_, bounce_programs_, settings_.bounce_names,
                   settings_.bounce_form, settings_.reads_wishes}) {}

  int serve(scheduler::PerChannel<unsigned> spawner_limit);

 private:
  void take_time() {
    steady_ = sys::monotonic();
    executor_.set_time(sys::now(), steady_);
  }

  void scan_first();
  void wait();
  void arm_trigger();
  void rest_when_idle();
  void take_signals();
  void reread();
  void tell(const std::vector<std::string>& alerts);
  void serve_bounces();
  void take_answers();
  void take_reports(Channel channel);
  void flush();
  void flush_orders(Channel channel);

  SendSettings settings_;
  queue::PosixFiles files_;
  BouncePrograms bounce_programs_;
  std::unique_ptr<sys::ThreadPool> pool_;
  sys::Fd signals_;
  SendExecutor executor_;
  std::chrono::milliseconds steady_{};
  SendTrigger trigger_;
  sys::Poller poller_;
  scheduler::IdleGuard idle_guard_;
  // Whether bytes other than the trigger's have come or gone since the idle guard was asked.
  bool moved_ = false;
  std::uint64_t performed_ = 0;
  scheduler::PerChannel<bool> reads_{{true, true}};
  scheduler::PerChannel<bool> writable_{{true, true}};
  bool clean_alive_ = true;
  std::array<char, kReadBuffer> buffer_{};
};

int Daemon::serve(scheduler::PerChannel<unsigned> spawner_limit) {
  take_time();
  tell(settings_.alerts);
  arm_trigger();
  executor_.list_todo();
  scan_first();
  executor_.handle(scheduler::Started{spawner_limit});
  while (!executor_.exited()) {
    executor_.turns(kTurnsPerRound);
    executor_.start_syncs();
    (void)executor_.start_scan();
    flush();
    if (!executor_.exited()) {
      rest_when_idle();
      wait();
    }
  }
  flush();
  return sys::kExitSuccess;
}

void Daemon::scan_first() {
  const auto until = steady_ + kScanAtStart;
  for (std::size_t piece = 0;
       piece < kPiecesAtStart && steady_ < until && executor_.start_scan(); ++piece) {
    poller_.clear();
    (void)poller_.watch_read(pool_->fd());
    (void)poller_.wait(until - steady_);
    take_time();
    executor_.background_done();
  }
}

void Daemon::arm_trigger() {
  const std::string trouble = trigger_.arm(steady_);
  if (!trouble.empty()) {
    const auto seconds =
        std::chrono::duration_cast<std::chrono::seconds>(SendTrigger::kBlindLook).count();
    executor_.handle(scheduler::Noticed{
        base::concat({trouble, "; looking at todo every ",
                      base::decimal(static_cast<std::uint64_t>(seconds)), " seconds"})});
  }
}

// Pauses if something wakes the loop again and again without work, so that it does not use the
// whole processor.
void Daemon::rest_when_idle() {
  const bool worked = std::exchange(moved_, false) ||
                      std::exchange(performed_, executor_.performed()) != executor_.performed();
  const auto advice = idle_guard_.woken(worked, steady_);
  if (advice == scheduler::IdleGuard::Advice::go_on) {
    return;
  }
  if (advice == scheduler::IdleGuard::Advice::warn_and_pause) {
    executor_.handle(scheduler::Noticed{"woken again and again without work; pausing"});
    flush();
  }
  poller_.clear();
  const std::size_t signals = poller_.watch_read(signals_.get());
  if (poller_.wait(scheduler::IdleGuard::kPause) && poller_.ready(signals)) {
    take_signals();
  }
  take_time();
}

void Daemon::wait() {
  SendOutput& output = executor_.output();
  poller_.clear();
  const std::size_t signals = poller_.watch_read(signals_.get());
  const std::size_t pool = poller_.watch_read(pool_->fd());
  const std::size_t trigger = poller_.watch_read(trigger_.fd());
  const std::size_t answers = poller_.watch_read(clean_alive_ ? send_fd::kCleanAnswers : -1);
  scheduler::PerChannel<std::size_t> reports;
  for (const Channel channel : scheduler::kChannels) {
    reports[channel] = poller_.watch_read(reads_[channel] ? reports_fd(channel) : -1);
    if (!output.orders[channel].empty()) {
      (void)poller_.watch_write(orders_fd(channel));
    }
  }
  if (!output.clean.empty()) {
    (void)poller_.watch_write(send_fd::kCleanCommands);
  }
  bounce_programs_.watch(poller_);
  auto limit = std::min(executor_.wait_limit().value_or(SendTrigger::kRecheck),
                        trigger_.wait_limit(steady_));
  if (const auto bounces = bounce_programs_.wait_limit(steady_)) {
    limit = std::min(limit, *bounces);
  }
  if (!poller_.wait(limit)) {
    // poll(2) has failed for lack of memory; the next turn of the loop waits again.
    take_time();
    return;
  }
  take_time();
  // Reports come first, since their marks must not be lost.
  for (const Channel channel : scheduler::kChannels) {
    if (poller_.ready(reports[channel])) {
      take_reports(channel);
    }
  }
  if (poller_.ready(signals)) {
    take_signals();
  }
  serve_bounces();
  if (poller_.ready(answers)) {
    take_answers();
  }
  if (poller_.ready(pool)) {
    moved_ = true;
    executor_.background_done();
  }
  if (poller_.ready(trigger)) {
    trigger_.read_empty();
    executor_.handle(scheduler::Pulled{});
  }
  if (trigger_.due(steady_)) {
    arm_trigger();
    executor_.handle(scheduler::Pulled{});
  }
}

void Daemon::take_signals() {
  std::array<char, 64> bytes{};
  const auto count = sys::read_some(signals_.get(), bytes.data(), bytes.size());
  for (std::size_t i = 0; count && i < *count; ++i) {
    switch (bytes[i]) {
    case SIGTERM:
      executor_.handle(scheduler::Terminate{});
      break;
    case SIGALRM:
      executor_.alarm();
      break;
    case SIGCHLD:
      moved_ = true;
      bounce_programs_.reap();
      executor_.bounces_done();
      break;
    case SIGHUP:
      reread();
      break;
    default:
      break;
    }
  }
}

void Daemon::reread() {
  RereadSettings again = reread_send_settings(std::string(config::kHome), settings_.me);
  executor_.handle(again.event);
  if (again.bounce_form) {
    executor_.set_bounce_form(std::move(*again.bounce_form));
  }
  tell(again.alerts);
}

void Daemon::tell(const std::vector<std::string>& alerts) {
  for (const std::string& alert : alerts) {
    executor_.handle(scheduler::Noticed{alert, true});
  }
}

void Daemon::serve_bounces() {
  if (bounce_programs_.serve(poller_)) {
    moved_ = true;
    bounce_programs_.reap();
  }
  bounce_programs_.enforce_limits(steady_);
  if (bounce_programs_.any_done()) {
    executor_.bounces_done();
  }
}

void Daemon::take_answers() {
  moved_ = true;
  const auto count = sys::read_some(send_fd::kCleanAnswers, buffer_.data(), buffer_.size());
  if (!count) {
    return;
  }
  if (*count == 0) {
    clean_alive_ = false;
    executor_.handle(scheduler::CleanLost{});
    return;
  }
  for (std::size_t i = 0; i < *count; ++i) {
    executor_.clean_answered(buffer_[i]);
  }
}

void Daemon::take_reports(Channel channel) {
  moved_ = true;
  const auto count = sys::read_some(reports_fd(channel), buffer_.data(), buffer_.size());
  if (!count && count.error().error == EAGAIN) {
    return;
  }
  if (!count || *count == 0) {
    reads_[channel] = false;
    executor_.handle(scheduler::ChannelLost{channel});
    return;
  }
  executor_.handle(scheduler::Reported{channel, std::string(buffer_.data(), *count)});
}

// The log is written first, so that whoever sees an order or its effects finds the log line
// about it.
void Daemon::flush() {
  SendOutput& output = executor_.output();
  if (executor_.log_ready()) {
    // If the log cannot be written, mail goes on without it.
    write_lines(std::exchange(output.log, {}));
  }
  for (const Channel channel : scheduler::kChannels) {
    flush_orders(channel);
  }
  if (!output.clean.empty()) {
    if (!clean_alive_) {
      output.clean.clear();
    } else if (!write_out(send_fd::kCleanCommands, output.clean)) {
      clean_alive_ = false;
      executor_.handle(scheduler::CleanLost{});
    }
  }
}

void Daemon::flush_orders(Channel channel) {
  std::string& orders = executor_.output().orders[channel];
  moved_ = moved_ || !orders.empty();
  if (!reads_[channel]) {
    orders.clear();
    return;
  }
  if (!orders.empty() && !write_out(orders_fd(channel), orders)) {
    reads_[channel] = false;
    executor_.handle(scheduler::ChannelLost{channel});
    return;
  }
  if (writable_[channel] != orders.empty()) {
    writable_[channel] = orders.empty();
    executor_.handle(scheduler::ChannelWritable{channel, writable_[channel]});
  }
}

int cannot_start(std::string_view what) {
  write_send_log(scheduler::log_line::cannot_start(what));
  return sys::kExitTemporary;
}

// Reads the first byte of each spawner, which is the number of deliveries it can run at once.
std::optional<scheduler::PerChannel<unsigned>> spawner_limits() {
  scheduler::PerChannel<unsigned> limits;
  for (const Channel channel : scheduler::kChannels) {
    char byte = 0;
    const auto count = sys::read_some(reports_fd(channel), &byte, 1);
    if (!count || *count != 1) {
      return std::nullopt;
    }
    limits[channel] = static_cast<unsigned char>(byte);
  }
  return limits;
}

}  // namespace

void write_send_log(std::string_view line) {
  (void)sys::write_all(send_fd::kLog, line);
}

int run_send(SendSettings settings) {
  const auto mutex = queue::take_send_mutex();
  if (!mutex) {
    return cannot_start(mutex.error().error == EWOULDBLOCK ? "qmail-send is already running"
                                                           : "unable to open mutex");
  }
  queue::PosixFiles files;
  const auto split = queue::count_split(files);
  if (!split || *split == 0) {
    return cannot_start("unable to count the directories of queue/mess");
  }
  if (queue::has_holes(files, *split)) {
    return cannot_start("a numbered directory is missing in queue/mess, info, local or remote");
  }
  if (queue::todo_is_split(files)) {
    return cannot_start("queue/todo is split (big-todo): run qmail-upgrade first");
  }
  settings.scheduler.split = *split;
  settings.scheduler.own_uid = ::getuid();
  const auto signals = sys::signals_to_pipe({SIGTERM, SIGALRM, SIGHUP, SIGCHLD});
  auto pool = sys::ThreadPool::make(kSyncThreads);
  if (!signals || !pool) {
    return cannot_start("unable to make pipes");
  }
  const auto limits = spawner_limits();
  if (!limits) {
    return cannot_start("hath the daemon spawn no fire?");
  }
  for (const int fd :
       {send_fd::kLocalOrders, send_fd::kLocalReports, send_fd::kRemoteOrders,
        send_fd::kRemoteReports, send_fd::kCleanCommands, send_fd::kCleanAnswers}) {
    sys::set_nonblocking(fd);
  }
  Daemon daemon(std::move(settings), mail::QueueLayout(*split), std::move(*pool), *signals);
  return daemon.serve(*limits);
}

}  // namespace reqmail::send
