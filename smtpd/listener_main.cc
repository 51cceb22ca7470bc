#include "smtpd/listener_main.h"

#include <unistd.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/number.h"
#include "base/text.h"
#include "config.h"
#include "listen/handover.h"
#include "listen/listener.h"
#include "listen/listener_options.h"
#include "net/listening_socket.h"
#include "smtpd/forked_sessions.h"
#include "sys/descriptor_io.h"
#include "sys/env.h"
#include "sys/exits.h"
#include "sys/fd.h"
#include "sys/file.h"
#include "sys/identity.h"
#include "sys/own_program.h"
#include "sys/process.h"
#include "sys/program_mark.h"
#include "sys/usage.h"
#include "tls/successor.h"

namespace reqmail::smtpd {

namespace {

constexpr const char* kHandoverVariable = "QMAILLISTEN";

int fail(const listen::ListenerOptions& options, const Failure& failure) {
  if (options.verbosity != listen::Verbosity::quiet) {
    (void)sys::write_all(STDERR_FILENO,
                         base::concat({"qmail-listen: fatal: ", failure.text, "\n"}));
  }
  return sys::kExitTemporary;
}

// Every address with every port.
Result<std::vector<net::ListeningSocket>> open_sockets(const listen::ListenerOptions& options) {
  std::vector<net::ListeningSocket> sockets;
  for (const std::string& port_text : options.ports) {
    const auto port = net::listening_port(port_text);
    if (!port) {
      return port.error();
    }
    for (const std::string& host : options.hosts) {
      const auto address = net::listening_address(host);
      if (!address) {
        return address.error();
      }
      auto socket = net::ListeningSocket::open({*address, *port}, options.backlog);
      if (!socket) {
        return socket.error();
      }
      sockets.push_back(std::move(*socket));
    }
  }
  return sockets;
}

// The ids that envuidgid(8) has set.
Result<std::uint32_t> id_in_environment(const char* variable) {
  const auto id = base::parse_u64(sys::environment_value(variable).value_or(""));
  if (!id || *id == 0 || *id >= UINT32_MAX) {
    return reqmail::permanent(base::concat({"no id in ", variable}));
  }
  return static_cast<std::uint32_t>(*id);
}

Result<void> take_ids_from_environment(listen::ListenerOptions& options) {
  const auto uid = id_in_environment("UID");
  const auto gid = id_in_environment("GID");
  if (!uid || !gid) {
    return uid ? gid.error() : uid.error();
  }
  options.uid = *uid;
  options.gid = *gid;
  return {};
}

// A group alone leaves the user, and a user alone the groups.
Result<void> drop_privileges(const listen::ListenerOptions& options) {
  if (options.gid) {
    return sys::become({options.uid.value_or(::getuid()), *options.gid});
  }
  if (options.uid) {
    return sys::take_ids({*options.uid, ::getgid()});
  }
  return {};
}

void print_ports(const std::vector<net::ListeningSocket>& sockets) {
  std::string lines;
  for (const net::ListeningSocket& socket : sockets) {
    lines += base::concat({base::decimal(socket.local().port), "\n"});
  }
  (void)sys::write_all(STDOUT_FILENO, lines);
}

// Whoever reads the ports must see the end of the output while this process lives.
void let_go_of_standard_descriptors() {
  if (const auto nothing = sys::open_read_write("/dev/null")) {
    (void)sys::duplicate_to(nothing->get(), STDIN_FILENO);
    (void)sys::duplicate_to(nothing->get(), STDOUT_FILENO);
  }
}

constexpr auto kSmtpdMark = sys::program_mark("qmail-smtpd");
constexpr auto kSmtpdTlsMark = sys::program_mark("qmail-smtpd-tls");
constexpr auto kMailauthMark = sys::program_mark("qmail-mailauth");
constexpr auto kListenTlsMark = sys::program_mark("qmail-listen-tls");

// Returns a question whether the file of a program has its mark at this moment.
template <std::size_t kSize>
std::function<bool()> has_mark(const std::string& path, const std::array<char, kSize>& mark) {
  auto program = std::make_shared<sys::OwnProgram>(path, std::string(mark.begin(), mark.end()));
  return [program] { return program->is_there(); };
}

// `arguments` are those of this program.
ForkedSessionSettings session_settings(const listen::ListenerOptions& options,
                                       const std::vector<std::string>& arguments) {
  static const std::string successor = base::concat({config::kHome, "/bin/qmail-listen-tls"});
  const std::string home(config::kHome);
  const std::string path = sys::program_path(options.program.front()).value_or("");
  return {.home = home,
          .arguments = options.program,
          .is_ours = has_mark(path, kSmtpdMark),
          .tls_is_ours = has_mark(base::concat({home, "/bin/qmail-smtpd-tls"}), kSmtpdTlsMark),
          .successor = {successor.c_str(), arguments, kHandoverVariable},
          .successor_is_ours = has_mark(successor, kListenTlsMark),
          .judge_mark = std::string(kMailauthMark.begin(), kMailauthMark.end())};
}

// A listener that has its sockets, and has become who it is to be.
struct Start {
  std::vector<net::ListeningSocket> sockets;
  std::optional<listen::ConnectionCounts> connections;
};

// Makes a listener that begins.
Result<Start> begin(listen::ListenerOptions& options) {
  if (options.ids_from_environment) {
    if (auto taken = take_ids_from_environment(options); !taken) {
      return taken.error();
    }
  }
  auto sockets = open_sockets(options);
  if (!sockets) {
    return sockets.error();
  }
  if (auto dropped = drop_privileges(options); !dropped) {
    return dropped.error();
  }
  if (options.prints_port) {
    print_ports(*sockets);
  }
  let_go_of_standard_descriptors();
  return Start{*std::move(sockets), std::nullopt};
}

// Makes one that goes on in the place of another, from what that one has left.
Result<Start> go_on(const std::string& left) {
  auto handover = listen::decode_handover(left);
  if (!handover) {
    return permanent("unable to go on: malformed state");
  }
  Start start;
  for (const int descriptor : handover->sockets) {
    auto socket = net::ListeningSocket::inherited(descriptor);
    if (!socket) {
      return socket.error();
    }
    start.sockets.push_back(*std::move(socket));
  }
  start.connections = std::move(handover->connections);
  return start;
}

Result<Start> begin_or_go_on(listen::ListenerOptions& options) {
  const auto left = tls::take_secret_state(kHandoverVariable);
  if (!left) {
    return left.error();
  }
  return *left ? go_on(**left) : begin(options);
}

}  // namespace

int serve_as_listener(int argc, char** argv, ForkedTls* tls) {
  sys::answer_help(argc, argv, listen::kListenerUsage);
  auto options = listen::parse_listener_options(argc, argv);
  if (!options) {
    (void)sys::write_all(STDERR_FILENO, listen::kListenerUsage);
    return sys::kExitPermanent;
  }
  auto start = begin_or_go_on(*options);
  if (!start) {
    return fail(*options, start.error());
  }
  ForkedSessions sessions(session_settings(*options, {argv, argv + argc}), tls);
  listen::Listener listener(*options, std::move(start->sockets), &sessions,
                            std::move(start->connections));
  const auto served = listener.serve();
  return served ? sys::kExitSuccess : fail(*options, served.error());
}

}  // namespace reqmail::smtpd
