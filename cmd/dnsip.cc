// dnsip HOST: prints the IPv4 addresses of a host (dnsip(1)).
//
// Runs as: anybody
// Reads: answers of name servers
// Writes: the addresses on descriptor 1, error messages on 2
// Executes: nothing
// Trusts: no name server
// Exits: 0, 100, 111

#include "net/dns_tool.h"
#include "sys/exits.h"
#include "sys/program.h"

int main(int argc, char** argv) {
  namespace sys = reqmail::sys;
  const sys::Program program;
  sys::finish(reqmail::net::dns_tool(argc, argv, "dnsip: usage: dnsip host",
                                     reqmail::net::addresses_of));
}
