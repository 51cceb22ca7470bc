#include "judge/resident.h"

#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <optional>
#include <utility>

#include "base/text.h"
#include "crypto/library.h"
#include "judge/session.h"
#include "net/dns_servers.h"
#include "net/listen_path.h"
#include "sys/child.h"
#include "sys/clock.h"
#include "sys/descriptor_io.h"
#include "sys/error.h"
#include "sys/exits.h"
#include "sys/fd.h"
#include "sys/file_version.h"
#include "sys/identity.h"
#include "sys/memory.h"
#include "sys/poller.h"
#include "sys/process.h"
#include "sys/signals.h"
#include "sys/stream.h"

namespace reqmail::judge {

namespace {

constexpr const char* kResolverFile = "/etc/resolv.conf";
// For a lack of descriptors or memory to pass.
constexpr std::chrono::milliseconds kPause{100};

class Resident {
 public:
  Resident(sys::Fd listener, int signals, net::DnsServers servers)
      : listener_(std::move(listener)),
        signals_(signals),
        servers_(std::move(servers)),
        servers_version_(sys::file_version(kResolverFile)) {}

  Failure run() {
    sys::Poller poller;
    for (;;) {
      poller.clear();
      const std::size_t child_ended = poller.watch_read(signals_);
      const std::size_t client = poller.watch_read(listener_.get());
      if (auto done = poller.wait(); !done) {
        return done.error();
      }
      if (poller.ready(child_ended)) {
        reap();
      }
      if (poller.ready(client)) {
        accept();
      }
    }
  }

 private:
  void reap() {
    sys::drain(signals_);
    while (sys::reap()) {
      --sessions_;
    }
  }

  void accept() {
    auto connection = net::accept_connection(listener_.get());
    if (!connection) {
      if (connection.error().error != EAGAIN) {
        sys::pause_for(kPause);
      }
      return;
    }
    if (sessions_ < kResidentSessions) {
      look_at_servers();
      start(connection->get());
    }
  }

  // A session has the name servers that a program started now would have.
  void look_at_servers() {
    const auto version = sys::file_version(kResolverFile);
    if (version == servers_version_) {
      return;
    }
    if (auto servers = net::system_dns_servers()) {
      servers_ = *std::move(servers);
      servers_version_ = version;
    }
  }

  void start(int connection) {
    sys::ChildSpec spec;
    spec.program = "qmail-mailauth";
    spec.descriptors = {{connection, STDIN_FILENO}, {STDERR_FILENO, STDOUT_FILENO}};
    spec.work = [this] { return serve(); };
    if (auto child = sys::spawn(spec)) {
      (void)child->release();
      ++sessions_;
    }
  }

  int serve() {
    const auto served = converse(STDIN_FILENO, std::move(servers_));
    if (served) {
      return sys::kExitSuccess;
    }
    (void)sys::write_all(STDERR_FILENO,
                         base::concat({"qmail-mailauth: fatal: ", served.error().text, "\n"}));
    return sys::kExitTemporary;
  }

  sys::Fd listener_;
  int signals_;
  net::DnsServers servers_;
  std::optional<sys::FileVersion> servers_version_;
  unsigned sessions_ = 0;
};

}  // namespace

Failure serve_at(const std::string& path) {
  if (::geteuid() == 0) {
    const auto identity = sys::account_identity(sys::Account::qmaild);
    if (!identity) {
      return temporary("there is no account qmaild", ENOENT);
    }
    if (auto done = sys::become_without_groups(*identity); !done) {
      return done.error();
    }
  }
  auto servers = net::system_dns_servers();
  if (!servers) {
    return servers.error();
  }
  crypto::prepare_verification();
  // Processes get copies of what they write to, also of freed memory.
  sys::give_back_memory();
  auto listener = net::listen_at_path(path);
  if (!listener) {
    return temporary(base::concat({path, ": ", sys::error_text(listener.error().error)}),
                     listener.error().error);
  }
  const auto signals = sys::signals_to_pipe({SIGCHLD});
  if (!signals) {
    return signals.error();
  }
  return Resident(*std::move(listener), *signals, *std::move(servers)).run();
}

}  // namespace reqmail::judge
