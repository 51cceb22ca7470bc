#include "judge/resident.h"

#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <optional>
#include <utility>

#include "base/text.h"
#include "crypto/library.h"
#include "judge/connection_source.h"
#include "net/listen_path.h"
#include "sys/child.h"
#include "sys/clock.h"
#include "sys/descriptor_io.h"
#include "sys/error.h"
#include "sys/exits.h"
#include "sys/fd.h"
#include "sys/identity.h"
#include "sys/memory.h"
#include "sys/poller.h"
#include "sys/process.h"
#include "sys/signals.h"

namespace reqmail::judge {

namespace {

// After a dispatcher that has failed, none is started until this time has passed since its
// start. Meanwhile connections are closed, and their sessions start a program of their own.
constexpr std::chrono::milliseconds kPause{1000};
// The dispatcher's end of the pipe by which it notices the end of this process.
constexpr int kKeeperDescriptor = STDERR_FILENO + 1;

// Starts a dispatcher when a connection waits and there is none.
class Keeper {
 public:
  Keeper(sys::Fd listener, sys::Pipe life, int signals)
      : listener_(std::move(listener)), life_(std::move(life)), signals_(signals) {}

  // Returns if it cannot wait any more.
  Failure run() {
    sys::Poller poller;
    for (;;) {
      poller.clear();
      const std::size_t child_ended = poller.watch_read(signals_);
      const auto client = dispatcher_.valid()
                              ? std::nullopt
                              : std::optional(poller.watch_read(listener_.get()));
      if (auto done = poller.wait(); !done) {
        return done.error();
      }
      if (poller.ready(child_ended)) {
        reap();
      }
      if (client && poller.ready(*client)) {
        attend();
      }
    }
  }

 private:
  // The children of a dispatcher become this process's if it is the first one of its system.
  void reap() {
    sys::drain(signals_);
    while (const auto ended = sys::reap()) {
      if (ended->pid != dispatcher_.pid()) {
        continue;
      }
      (void)dispatcher_.release();
      if (ended->wait_status != 0) {
        not_before_ = started_at_ + kPause;
      }
    }
  }

  void attend() {
    if (sys::monotonic() >= not_before_ && start()) {
      return;
    }
    const auto closed = net::accept_connection(listener_.get());
    if (!closed && closed.error().error != EAGAIN) {
      sys::pause_for(kPause);
    }
  }

  [[nodiscard]] bool start() {
    started_at_ = sys::monotonic();
    sys::ChildSpec spec;
    spec.program = "qmail-mailauth";
    spec.descriptors = {{listener_.get(), STDIN_FILENO},
                        {STDERR_FILENO, STDOUT_FILENO},
                        {life_.read.get(), kKeeperDescriptor}};
    spec.work = [] {
      const ConnectionSource source(SourceKind::listening, STDIN_FILENO);
      return exit_code(dispatch(source, kKeeperDescriptor, kDispatcherAge));
    };
    auto child = sys::spawn(spec);
    if (!child) {
      return false;
    }
    dispatcher_ = *std::move(child);
    return true;
  }

  sys::Fd listener_;
  sys::Pipe life_;
  int signals_;
  sys::Child dispatcher_;
  std::chrono::milliseconds started_at_{0};
  std::chrono::milliseconds not_before_{0};
};

// The account, and the library, which all children share.
Result<void> prepare() {
  if (::geteuid() == 0) {
    const auto identity = sys::account_identity(sys::Account::qmaild);
    if (!identity) {
      return temporary("there is no account qmaild", ENOENT);
    }
    if (auto done = sys::become_without_groups(*identity); !done) {
      return done;
    }
  }
  crypto::prepare_verification();
  // Processes get copies of what they write to, also of freed memory.
  sys::give_back_memory();
  return {};
}

}  // namespace

Failure serve_at(const std::string& path) {
  if (auto done = prepare(); !done) {
    return done.error();
  }
  auto listener = net::listen_at_path(path);
  if (!listener) {
    return temporary(base::concat({path, ": ", sys::error_text(listener.error().error)}),
                     listener.error().error);
  }
  auto life = sys::make_pipe();
  if (!life) {
    return life.error();
  }
  const auto signals = sys::signals_to_pipe({SIGCHLD});
  if (!signals) {
    return signals.error();
  }
  return Keeper(*std::move(listener), *std::move(life), *signals).run();
}

Result<void> serve_packets(int socket, std::chrono::milliseconds age) {
  if (auto done = prepare(); !done) {
    return done;
  }
  return dispatch(ConnectionSource(SourceKind::packets, socket), std::nullopt, age);
}

}  // namespace reqmail::judge
