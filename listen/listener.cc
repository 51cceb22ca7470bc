#include "listen/listener.h"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "base/text.h"
#include "listen/handover.h"
#include "listen/listener_log.h"
#include "listen/new_connection.h"
#include "sys/child.h"
#include "sys/descriptor_io.h"
#include "sys/error.h"
#include "sys/exits.h"
#include "sys/process.h"
#include "sys/signals.h"

namespace reqmail::listen {

namespace {

// How long the listener waits after accept(2) has failed: the connection that it failed for is
// still there, so that poll(2) would return at once.
constexpr std::chrono::milliseconds kPause(200);

// Returns whether accept(2) failed because of the connection, and not because of this process
// or the system.
bool is_gone(int error) {
  constexpr std::array kShortage = {EMFILE, ENFILE, ENOMEM, ENOBUFS};
  return std::find(kShortage.begin(), kShortage.end(), error) == kShortage.end();
}

}  // namespace

void Listener::log(Verbosity importance, const std::string& line) const {
  write_log(options_.verbosity, importance, line);
}

void Listener::log_status(std::size_t count) const {
  log(Verbosity::all, status_line(count, options_.connections));
}

Result<void> Listener::serve() {
  sys::ignore_signals({SIGPIPE});
  const auto signals = sys::signals_to_pipe({SIGCHLD, SIGTERM});
  if (!signals) {
    return signals.error();
  }
  signals_ = *signals;
  if (!goes_on_) {
    log_status(counts_.all());
  }
  // The signal of a child that ended before may be lost.
  reap();
  sys::Poller poller;
  while (!ended_) {
    poller.clear();
    const std::size_t signal_watch = poller.watch_read(signals_);
    const bool accepts = !paused_ && counts_.all() < options_.connections;
    std::vector<std::size_t> watches;
    for (const net::ListeningSocket& socket : sockets_) {
      if (accepts) {
        watches.push_back(poller.watch_read(socket.descriptor()));
      }
    }
    const auto watched = sessions_ == nullptr ? std::nullopt : sessions_->watched();
    const auto source = watched ? std::optional(poller.watch_read(*watched)) : std::nullopt;
    (void)poller.wait(paused_ ? std::optional(kPause) : std::nullopt);
    paused_ = false;
    if (poller.ready(signal_watch)) {
      take_signals();
    }
    // A child that attends to it may have ended just now.
    if (source && poller.ready(*source) && sessions_->watched() == watched) {
      sessions_->attend();
    }
    for (std::size_t i = 0; i < watches.size(); ++i) {
      if (poller.ready(watches[i])) {
        accept_from(sockets_[i]);
      }
    }
  }
  return {};
}

void Listener::take_signals() {
  std::array<char, 64> numbers = {};
  for (;;) {
    auto count = sys::read_some(signals_, numbers.data(), numbers.size());
    const std::string_view seen(numbers.data(), std::move(count).value_or(0));
    if (seen.empty()) {
      break;
    }
    ended_ = ended_ || seen.find(static_cast<char>(SIGTERM)) != std::string_view::npos;
  }
  if (!ended_) {
    reap();
  }
}

void Listener::reap() {
  while (const auto ended = sys::reap()) {
    if (counts_.end(ended->pid)) {
      log(Verbosity::all, end_line(ended->pid, ended->wait_status));
      log_status(counts_.all());
    } else if (sessions_ != nullptr) {
      sessions_->child_ended(*ended);
    }
  }
}

void Listener::accept_from(const net::ListeningSocket& socket) {
  // Another socket may have given the last connection that is allowed.
  if (ended_ || counts_.all() >= options_.connections) {
    return;
  }
  Session session;
  if (sessions_ != nullptr) {
    session = sessions_->next();
    hand_over();
    if (ended_) {
      return;
    }
  }
  auto connection = socket.accept();
  if (connection) {
    start(std::move(*connection), session);
  } else if (!is_gone(connection.error().error)) {
    paused_ = true;
    log(Verbosity::errors,
        base::concat({"tcpserver: warning: ", connection.error().text, "\n"}));
  }
}

void Listener::hand_over() {
  const tls::Successor* const successor = sessions_->successor();
  if (successor == nullptr) {
    return;
  }
  // Signals that come from now on wait for the successor; it would not know of those before.
  sys::block_signals({SIGCHLD, SIGTERM});
  take_signals();
  if (!ended_) {
    Handover handover;
    for (const net::ListeningSocket& socket : sockets_) {
      handover.sockets.push_back(socket.descriptor());
    }
    handover.connections = counts_;
    std::string state = encode_handover(handover);
    (void)tls::execute_with_secret(*successor, state, handover.sockets);
  }
  sys::unblock_signals({SIGCHLD, SIGTERM});
}

void Listener::start(net::AcceptedConnection connection, const Session& session) {
  const int socket = connection.socket.get();
  sys::ChildSpec spec;
  spec.program = options_.program.front();
  spec.descriptors = {{socket, STDIN_FILENO}, {socket, STDOUT_FILENO}};
  if (session) {
    if (const auto more = sessions_->descriptor()) {
      spec.descriptors.push_back({*more, kSessionDescriptor});
    }
  }
  spec.work = [this, &connection, &session] { return begin(connection.remote, session); };
  // The line comes before those of the child, which the connection counts in.
  log_status(counts_.all() + 1);
  auto child = sys::spawn(spec);
  if (child) {
    counts_.begin(child->release(), connection.remote.address);
    return;
  }
  log(Verbosity::errors,
      drop_line(base::concat({"unable to fork: ", sys::error_text(child.error().error)})));
  log_status(counts_.all());
}

int Listener::begin(const net::Endpoint& remote, const Session& session) const {
  sys::default_signals({SIGPIPE});
  const Crowd crowd = {counts_.of_address(remote.address) + 1,
                       counts_.of_network(remote.address) + 1};
  Admission admission =
      admit({STDIN_FILENO, remote, crowd}, options_.connection, options_.verbosity);
  if (admission.refused) {
    return *admission.refused;
  }
  if (session) {
    sys::become_environment(admission.environment);
    admission.environment = {};
    return session();
  }
  const Failure failure = sys::replace_program(options_.program.front(), options_.program,
                                               admission.environment.strings());
  log(Verbosity::errors, drop_line(failure.text));
  return sys::kExitTemporary;
}

}  // namespace reqmail::listen
