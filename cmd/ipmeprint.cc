// ipmeprint: prints every address that counts as this host's own (dnsip(1)).
//
// Runs as: anybody
// Reads: the addresses of this host's interfaces
// Writes: one address a line on descriptor 1, error messages on 2
// Executes: nothing
// Trusts: the kernel
// Exits: 0, 111

#include <unistd.h>

#include <string>

#include "net/local_addresses.h"
#include "sys/exits.h"
#include "sys/program.h"
#include "sys/stream.h"

int main() {
  namespace sys = reqmail::sys;
  const sys::Program program;
  const auto addresses = reqmail::net::LocalAddresses::of_this_host();
  if (!addresses) {
    (void)sys::write_all(STDERR_FILENO, "ipmeprint: fatal: " + addresses.error().text + "\n")
        .has_value();
    sys::finish(sys::kExitTemporary);
  }
  std::string text;
  for (const auto& address : addresses->all()) {
    text += address.text() + "\n";
  }
  const bool written = sys::write_all(STDOUT_FILENO, text).has_value();
  sys::finish(written ? sys::kExitSuccess : sys::kExitTemporary);
}
