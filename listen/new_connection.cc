#include "listen/new_connection.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <utility>

#include "base/narrow.h"
#include "base/number.h"
#include "base/text.h"
#include "listen/connection_rules.h"
#include "listen/listener_log.h"
#include "net/dns_libresolv.h"
#include "net/ident.h"
#include "net/listening_socket.h"
#include "net/peer_environment.h"
#include "sys/descriptor_io.h"
#include "sys/error.h"
#include "sys/exits.h"
#include "sys/fd.h"

namespace reqmail::listen {

namespace {

// The limit for both host names together.
constexpr std::chrono::seconds kNamesLimit(30);

// A server is told no name rather than that there is no answer for now.
void forget_if_unknown(std::optional<std::string>& name) {
  if (name == net::kSoftDnsError) {
    name.reset();
  }
}

net::PeerNames names_of(const NewConnection& connection, const net::Endpoint& local,
                        const ConnectionOptions& options) {
  net::PeerNames names;
  names.local = local;
  names.remote = connection.remote;
  const net::NameQuestions questions = {.local = !options.local_host,
                                        .remote = options.remote_host,
                                        .verify_remote = options.verifies_remote_host};
  if (questions.local || questions.remote) {
    net::SystemDns transport;
    net::find_host_names(names, transport, kNamesLimit, questions);
    forget_if_unknown(names.local_host);
    forget_if_unknown(names.remote_host);
  }
  if (options.local_host) {
    names.local_host = options.local_host;
  }
  if (options.remote_info) {
    names.remote_info = net::ask_ident(local, connection.remote, options.remote_info_timeout);
  }
  return names;
}

Result<ConnectionRule> rule_of(const net::PeerNames& names, const ConnectionOptions& options) {
  if (options.rules.empty()) {
    return ConnectionRule();
  }
  auto rule = find_connection_rule(options.rules, names);
  if (!rule && rule.error().error == ENOENT && options.rules_may_be_absent) {
    return ConnectionRule();
  }
  return rule;
}

std::size_t limit_of(const sys::Environment& environment, std::string_view variable,
                     std::size_t otherwise) {
  const auto value = environment.get(variable);
  if (!value) {
    return otherwise;
  }
  constexpr std::uint64_t kMost = std::numeric_limits<std::size_t>::max();
  return base::narrow<std::size_t>(std::min(base::leading_number(*value).value_or(0), kMost));
}

std::string_view network_suffix(const base::IpAddress& address) {
  return address.family() == base::Family::v4 ? "/24" : "/64";
}

// Returns the line for the log if there are too many connections from the same place.
std::optional<std::string> crowded(const NewConnection& connection,
                                   const ConnectionLimits& limits,
                                   const sys::Environment& environment) {
  const base::IpAddress& client = connection.remote.address;
  const std::size_t most = limit_of(environment, "MAXCONNIP", limits.of_address);
  if (most > 0 && connection.crowd.of_address > most) {
    return crowd_line(client.text(), connection.crowd.of_address, most);
  }
  const std::size_t most_near = limit_of(environment, "MAXCONNC", limits.of_network);
  if (most_near > 0 && connection.crowd.of_network > most_near) {
    return crowd_line(base::concat({client.text(), network_suffix(client)}),
                      connection.crowd.of_network, most_near);
  }
  return std::nullopt;
}

Admission refused(int code) {
  Admission admission;
  admission.refused = code;
  return admission;
}

Admission drop(Verbosity verbosity, std::string_view what, const Failure& failure) {
  write_log(verbosity, Verbosity::errors,
            drop_line(base::concat({what, ": ", sys::error_text(failure.error)})));
  return refused(sys::kExitTemporary);
}

}  // namespace

void write_log(Verbosity wanted, Verbosity importance, const std::string& line) {
  if (wanted >= importance) {
    (void)sys::write_all(STDERR_FILENO, line);
  }
}

Admission admit(const NewConnection& connection, const ConnectionOptions& options,
                Verbosity verbosity) {
  const pid_t process = ::getpid();
  write_log(verbosity, Verbosity::all, begin_line(process, connection.remote.address));
  if (!options.keeps_ip_options) {
    net::remove_ip_options(connection.socket);
  }
  if (options.no_delay) {
    sys::set_no_delay(connection.socket);
  }
  if (auto sent = sys::write_all(connection.socket, options.banner); !sent) {
    return drop(verbosity, "unable to print banner", sent.error());
  }
  const auto local = net::local_endpoint(connection.socket);
  if (!local) {
    return drop(verbosity, "unable to get local address",
                sys::system_failure("unable to get local address"));
  }
  const net::PeerNames names = names_of(connection, *local, options);
  const auto rule = rule_of(names, options);
  if (!rule) {
    return drop(verbosity, base::concat({"unable to read ", options.rules}), rule.error());
  }
  Admission admission;
  admission.environment = sys::Environment::current();
  net::set_peer_environment(names, admission.environment);
  for (const auto& [name, value] : rule->variables) {
    admission.environment.set(name, value);
  }
  const auto crowd = crowded(connection, options.limits, admission.environment);
  if (crowd && !rule->denied) {
    write_log(verbosity, Verbosity::all, *crowd);
    if (const auto text = admission.environment.get("DIEMSG")) {
      (void)sys::write_all(connection.socket, base::concat({*text, "\r\n"}));
    }
  }
  const bool denied = rule->denied || crowd;
  write_log(verbosity, Verbosity::all, decision_line(denied, process, names));
  if (denied) {
    admission.refused = sys::kExitPermanent;
  }
  return admission;
}

}  // namespace reqmail::listen
