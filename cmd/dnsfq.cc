// dnsfq HOST: prints the fully qualified name of a host (dnsip(1)).
//
// Runs as: anybody
// Reads: what the system's resolver reads: /etc/hosts, /etc/resolv.conf, answers of name
//   servers
// Writes: the name on descriptor 1, error messages on 2
// Executes: nothing
// Trusts: the system's resolver
// Exits: 0, 100, 111

#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>
#include <string_view>

#include "net/dns.h"
#include "sys/exits.h"
#include "sys/program.h"
#include "sys/stream.h"

namespace {

namespace sys = reqmail::sys;

[[noreturn]] void end(int fd, std::string_view text, int code) {
  const bool written = sys::write_all(fd, std::string(text) + "\n").has_value();
  sys::finish(written || code != sys::kExitSuccess ? code : sys::kExitTemporary);
}

}  // namespace

int main(int argc, char** argv) {
  const sys::Program program;
  if (argc != 2) {
    end(STDERR_FILENO, "dnsfq: usage: dnsfq host", sys::kExitPermanent);
  }
  addrinfo hints = {};
  hints.ai_flags = AI_CANONNAME;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int failed = ::getaddrinfo(argv[1], nullptr, &hints, &found);
  if (failed == EAI_AGAIN || failed == EAI_SYSTEM || failed == EAI_MEMORY) {
    end(STDERR_FILENO, "soft error", sys::kExitTemporary);
  }
  if (failed != 0 || found == nullptr || found->ai_canonname == nullptr ||
      !reqmail::net::is_host_name(found->ai_canonname)) {
    end(STDERR_FILENO, "hard error", sys::kExitPermanent);
  }
  end(STDOUT_FILENO, found->ai_canonname, sys::kExitSuccess);
}
