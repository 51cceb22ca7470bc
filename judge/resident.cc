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
#include "sys/packets.h"
#include "sys/poller.h"
#include "sys/process.h"
#include "sys/signals.h"
#include "sys/stream.h"

namespace reqmail::judge {

namespace {

constexpr const char* kResolverFile = "/etc/resolv.conf";
// For a lack of descriptors or memory to pass.
constexpr std::chrono::milliseconds kPause{100};

// Where the connections of sessions come from.
class Source {
 public:
  Source() = default;
  Source(const Source&) = delete;
  Source& operator=(const Source&) = delete;
  Source(Source&&) = delete;
  Source& operator=(Source&&) = delete;
  virtual ~Source() = default;

  [[nodiscard]] virtual int descriptor() const = 0;

  // Takes the next connection without waiting. Returns nullopt if there will be none any more.
  // Failure.error is EAGAIN if there is none now, and EPROTO if a request is none.
  virtual Result<std::optional<sys::Fd>> take() = 0;
};

// Connections to a socket with a path.
class Listening final : public Source {
 public:
  explicit Listening(sys::Fd listener) : listener_(std::move(listener)) {}

  [[nodiscard]] int descriptor() const override { return listener_.get(); }

  Result<std::optional<sys::Fd>> take() override {
    auto connection = net::accept_connection(listener_.get());
    if (!connection) {
      return connection.error();
    }
    return std::optional(*std::move(connection));
  }

 private:
  sys::Fd listener_;
};

// Connections that come as descriptors of packets.
class Receiving final : public Source {
 public:
  explicit Receiving(int socket) : socket_(socket) {}

  [[nodiscard]] int descriptor() const override { return socket_; }

  Result<std::optional<sys::Fd>> take() override {
    auto packet = sys::receive_packet(socket_, 1);
    if (!packet) {
      return packet.error();
    }
    if (!*packet) {
      return std::optional<sys::Fd>();
    }
    if (!(*packet)->descriptor.valid()) {
      return temporary("a request without a connection", EPROTO);
    }
    return std::optional(std::move((*packet)->descriptor));
  }

 private:
  int socket_;
};

class Resident {
 public:
  // Without `idle` it stays for ever.
  Resident(Source& source, int signals, net::DnsServers servers,
           std::optional<std::chrono::milliseconds> idle)
      : source_(source),
        signals_(signals),
        servers_(std::move(servers)),
        servers_version_(sys::file_version(kResolverFile)),
        idle_(idle) {}

  // Returns when there is nothing to do any more.
  Result<void> run() {
    sys::Poller poller;
    while (receiving_ || sessions_ > 0) {
      poller.clear();
      const std::size_t child_ended = poller.watch_read(signals_);
      const auto client =
          receiving_ ? std::optional(poller.watch_read(source_.descriptor())) : std::nullopt;
      const auto limit = sessions_ == 0 ? idle_ : std::nullopt;
      const auto since = sys::monotonic();
      if (auto done = poller.wait(limit); !done) {
        return done.error();
      }
      const bool has_client = client && poller.ready(*client);
      if (poller.ready(child_ended)) {
        reap();
      } else if (!has_client && limit && sys::monotonic() - since >= *limit) {
        return {};
      }
      if (has_client) {
        accept();
      }
    }
    return {};
  }

 private:
  void reap() {
    sys::drain(signals_);
    while (sys::reap()) {
      --sessions_;
    }
  }

  void accept() {
    auto connection = source_.take();
    if (!connection) {
      const int error = connection.error().error;
      if (error != EAGAIN && error != EPROTO && error != EMSGSIZE) {
        sys::pause_for(kPause);
      }
      return;
    }
    if (!*connection) {
      receiving_ = false;
    } else if (sessions_ < kResidentSessions) {
      look_at_servers();
      start((*connection)->get());
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

  Source& source_;
  int signals_;
  net::DnsServers servers_;
  std::optional<sys::FileVersion> servers_version_;
  std::optional<std::chrono::milliseconds> idle_;
  bool receiving_ = true;
  unsigned sessions_ = 0;
};

// The account, the name servers, and the library, which all children share.
Result<net::DnsServers> prepare() {
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
  if (servers) {
    crypto::prepare_verification();
    // Processes get copies of what they write to, also of freed memory.
    sys::give_back_memory();
  }
  return servers;
}

Result<void> serve(Source& source, net::DnsServers servers,
                   std::optional<std::chrono::milliseconds> idle) {
  const auto signals = sys::signals_to_pipe({SIGCHLD});
  if (!signals) {
    return signals.error();
  }
  return Resident(source, *signals, std::move(servers), idle).run();
}

}  // namespace

Failure serve_at(const std::string& path) {
  auto servers = prepare();
  if (!servers) {
    return servers.error();
  }
  auto listener = net::listen_at_path(path);
  if (!listener) {
    return temporary(base::concat({path, ": ", sys::error_text(listener.error().error)}),
                     listener.error().error);
  }
  Listening source(*std::move(listener));
  const auto served = serve(source, *std::move(servers), std::nullopt);
  return served ? temporary("no more connections", ECONNABORTED) : served.error();
}

Result<void> serve_packets(int socket, std::chrono::milliseconds idle) {
  auto servers = prepare();
  if (!servers) {
    return servers.error();
  }
  Receiving source(socket);
  return serve(source, *std::move(servers), idle);
}

}  // namespace reqmail::judge
