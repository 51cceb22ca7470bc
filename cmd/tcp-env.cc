// tcp-env [-rR] [-t SECONDS] PROGRAM [ARGUMENT...]: runs a server with the variables that
// describe its connection (tcp-env(1)).
//
// Runs as: whoever starts it
// Reads: the addresses of the connection on descriptor 0; answers of name servers and of an
//   ident server
// Writes: nothing but its questions
// Executes: PROGRAM, looked up in PATH
// Trusts: its arguments and environment; no server that it asks
// Exits: 111; else whatever PROGRAM exits with

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "base/number.h"
#include "net/dns_libresolv.h"
#include "net/ident.h"
#include "net/peer_environment.h"
#include "sys/env.h"
#include "sys/exits.h"
#include "sys/options.h"
#include "sys/process.h"
#include "sys/program.h"

namespace {

namespace base = reqmail::base;
namespace net = reqmail::net;
namespace sys = reqmail::sys;

// The limit for both host names together: the time after which a resolver gives up if three
// servers do not answer.
constexpr std::chrono::seconds kNamesLimit(30);

struct Arguments {
  bool ident = true;
  base::Seconds timeout{30};
  std::vector<std::string> program;
};

Arguments parse(int argc, char** argv) {
  Arguments arguments;
  sys::Options options(argc, argv, "rRt:");
  // Unknown options are ignored.
  while (const auto option = options.next()) {
    if (option->kind != sys::Option::Kind::known) {
      continue;
    }
    if (option->letter == 't') {
      constexpr std::uint64_t kMost = std::numeric_limits<std::int32_t>::max();
      const auto seconds = base::leading_number(option->value).value_or(0);
      arguments.timeout = base::Seconds(static_cast<std::int64_t>(std::min(seconds, kMost)));
    } else {
      arguments.ident = option->letter == 'r';
    }
  }
  arguments.program = options.rest();
  return arguments;
}

// Returns false if descriptor 0 is not a connection.
bool describe_connection(const Arguments& arguments, sys::Environment& environment) {
  auto names = net::connection_ends(STDIN_FILENO);
  if (!names) {
    return false;
  }
  net::SystemDns transport;
  net::find_host_names(*names, transport, kNamesLimit);
  if (arguments.ident) {
    names->remote_info = net::ask_ident(names->local, names->remote, arguments.timeout);
  }
  net::set_peer_environment(*names, environment);
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  const sys::Program program;
  const Arguments arguments = parse(argc, argv);
  if (arguments.program.empty()) {
    sys::finish(sys::kExitTemporary);
  }
  sys::Environment environment = sys::Environment::current();
  const auto protocol = environment.get("PROTO");
  const bool described = protocol == "TCP" || protocol == "TCP6";
  if (described || describe_connection(arguments, environment)) {
    (void)sys::replace_program(arguments.program.front(), arguments.program,
                               environment.strings());
  }
  sys::finish(sys::kExitTemporary);
}
