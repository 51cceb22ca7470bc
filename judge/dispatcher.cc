#include "judge/dispatcher.h"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "base/text.h"
#include "judge/session.h"
#include "net/dns_servers.h"
#include "sys/alike.h"
#include "sys/child.h"
#include "sys/clock.h"
#include "sys/confine.h"
#include "sys/descriptor_io.h"
#include "sys/exits.h"
#include "sys/file_watch.h"
#include "sys/poller.h"
#include "sys/signals.h"

namespace reqmail::judge {

namespace {

constexpr const char* kResolverFile = "/etc/resolv.conf";
// For a lack of descriptors or memory to pass.
constexpr std::chrono::milliseconds kPause{100};

class Dispatcher {
 public:
  // `watch` can be read when the name servers are not to be trusted any more. If it is not
  // valid, that is so after the first session.
  Dispatcher(const ConnectionSource& source, std::optional<int> keeper,
             std::chrono::milliseconds end, int signals, sys::Fd watch, net::DnsServers servers)
      : source_(source),
        keeper_(keeper),
        end_(end),
        signals_(signals),
        watch_(std::move(watch)),
        servers_(std::move(servers)) {}

  Result<void> run() {
    sys::Poller poller;
    while (!over_ && (taking_ || sessions_ > 0)) {
      poller.clear();
      const std::size_t child_ended = poller.watch_read(signals_);
      const auto changed = watch_if(poller, taking_ && watch_.valid(), watch_.get());
      const auto orphaned = watch_if(poller, keeper_.has_value(), keeper_.value_or(-1));
      const auto client = watch_if(poller, taking_, source_.descriptor());
      if (auto done = poller.wait(patience()); !done) {
        return done.error();
      }
      if (poller.ready(child_ended)) {
        reap();
      }
      if (is_ready(poller, changed) || is_ready(poller, orphaned) ||
          (taking_ && sys::monotonic() >= end_)) {
        over_ = true;
      } else if (is_ready(poller, client)) {
        take();
      }
    }
    return {};
  }

 private:
  using Index = std::optional<std::size_t>;

  static Index watch_if(sys::Poller& poller, bool wanted, int descriptor) {
    return wanted ? Index(poller.watch_read(descriptor)) : std::nullopt;
  }

  static bool is_ready(const sys::Poller& poller, Index index) {
    return index && poller.ready(*index);
  }

  [[nodiscard]] std::optional<std::chrono::milliseconds> patience() const {
    constexpr std::chrono::milliseconds kNone{0};
    return taking_ ? std::optional(std::max(end_ - sys::monotonic(), kNone)) : std::nullopt;
  }

  void reap() {
    sys::drain(signals_);
    while (sys::reap()) {
      --sessions_;
    }
  }

  void take() {
    auto connection = source_.take();
    if (!connection) {
      const int error = connection.error().error;
      if (error != EAGAIN && error != EPROTO && error != EMSGSIZE) {
        sys::pause_for(kPause);
      }
      return;
    }
    if (!*connection) {
      taking_ = false;
    } else if (sessions_ < kResidentSessions) {
      start((*connection)->get());
      over_ = !watch_.valid();
    }
  }

  void start(int connection) {
    if (auto child = sys::start_alike(connection, [this] { return serve(); })) {
      (void)child->release();
      ++sessions_;
    }
  }

  int serve() {
    auto served = sys::confine_child();
    if (served) {
      served = converse(STDIN_FILENO, std::move(servers_));
    }
    return exit_code(served);
  }

  const ConnectionSource& source_;
  std::optional<int> keeper_;
  std::chrono::milliseconds end_;
  int signals_;
  sys::Fd watch_;
  net::DnsServers servers_;
  bool taking_ = true;
  bool over_ = false;
  unsigned sessions_ = 0;
};

}  // namespace

int exit_code(const Result<void>& ended) {
  if (ended) {
    return sys::kExitSuccess;
  }
  (void)sys::write_all(STDERR_FILENO,
                       base::concat({"qmail-mailauth: fatal: ", ended.error().text, "\n"}));
  return sys::kExitTemporary;
}

Result<void> dispatch(const ConnectionSource& source, std::optional<int> keeper,
                      std::chrono::milliseconds age) {
  const auto end = sys::monotonic() + age;
  // First the watch, so that no change comes between the two.
  sys::Fd watch = sys::watch_file(kResolverFile);
  auto servers = net::system_dns_servers();
  if (!servers) {
    return servers.error();
  }
  const auto signals = sys::signals_to_pipe({SIGCHLD});
  if (!signals) {
    return signals.error();
  }
  if (auto done = sys::confine_dispatcher(); !done) {
    return done;
  }
  return Dispatcher(source, keeper, end, *signals, std::move(watch), *std::move(servers)).run();
}

}  // namespace reqmail::judge
