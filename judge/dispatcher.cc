#include "judge/dispatcher.h"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "base/text.h"
#include "judge/arrivals.h"
#include "judge/session.h"
#include "judge/session_children.h"
#include "net/dns_servers.h"
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
  // valid, that is so after the first session. `believes`: no child can connect to this process
  // and give another client's address.
  Dispatcher(const ConnectionSource& source, bool believes, std::optional<int> keeper,
             std::chrono::milliseconds end, int signals, sys::Fd watch, net::DnsServers servers)
      : source_(source),
        believes_(believes),
        keeper_(keeper),
        end_(end),
        signals_(signals),
        watch_(std::move(watch)),
        children_([servers = std::move(servers)](int connection) {
          return converse(connection, servers);
        }) {}

  Result<void> run() {
    sys::Poller poller;
    while (!over_ && (taking_ || arrivals_.count() + children_.count() > 0)) {
      poller.clear();
      const std::size_t child_ended = poller.watch_read(signals_);
      const auto changed = watch_if(poller, taking_ && watch_.valid(), watch_.get());
      const auto orphaned = watch_if(poller, keeper_.has_value(), keeper_.value_or(-1));
      const auto client = watch_if(poller, taking_, source_.descriptor());
      children_.watch(poller);
      arrivals_.watch(poller);
      if (auto done = poller.wait(patience()); !done) {
        return done.error();
      }
      children_.attend(poller);
      children_.end_idle();
      if (poller.ready(child_ended)) {
        reap();
      }
      if (is_ready(poller, changed) || is_ready(poller, orphaned) ||
          (taking_ && sys::monotonic() >= end_)) {
        over_ = true;
        continue;
      }
      for (Connection& arrived : arrivals_.take(poller)) {
        serve(std::move(arrived));
      }
      if (is_ready(poller, client)) {
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
    std::optional<std::chrono::milliseconds> least;
    for (const auto& limit :
         {children_.patience(), arrivals_.patience(),
          taking_ ? std::optional(std::max(end_ - sys::monotonic(), kNone)) : std::nullopt}) {
      if (limit && (!least || *limit < *least)) {
        least = limit;
      }
    }
    return least;
  }

  void reap() {
    sys::drain(signals_);
    while (const auto ended = sys::reap()) {
      children_.ended(ended->pid);
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
      children_.finish();
    } else if (children_.busy() + arrivals_.count() < kResidentSessions) {
      hear(**std::move(connection));
    }
  }

  // Finds out whose session it is, now or later.
  void hear(Connection connection) {
    if (!connection.client && believes_) {
      connection.client = client_of(connection.descriptor.get());
      if (!connection.client) {
        arrivals_.add(std::move(connection.descriptor));
        return;
      }
    }
    serve(std::move(connection));
  }

  void serve(Connection connection) {
    children_.serve(std::move(connection));
    over_ = over_ || !watch_.valid();
  }

  const ConnectionSource& source_;
  bool believes_;
  std::optional<int> keeper_;
  std::chrono::milliseconds end_;
  int signals_;
  sys::Fd watch_;
  SessionChildren children_;
  Arrivals arrivals_;
  bool taking_ = true;
  bool over_ = false;
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
  const auto confined = sys::confine_dispatcher();
  if (!confined) {
    return confined.error();
  }
  return Dispatcher(source, *confined, keeper, end, *signals, std::move(watch),
                    *std::move(servers))
      .run();
}

}  // namespace reqmail::judge
