// Places of the system as tests want them, in namespaces of a test program's own: what a
// machine has there does not matter and stays as it is.
#pragma once

#include <string>

namespace reqmail::tests {

// Makes the home that is compiled in (config::kHome), in which a queue program is started, an
// empty directory for this program. It must be called only once per program, without running
// threads. Returns false if the system does not allow it.
bool enter_private_home();

// Gives the calling child a network with only the loopback interface, and an /etc that has
// nothing but this resolv.conf. Returns false if the system does not allow it.
bool enter_private_network(const std::string& resolv_conf);

}  // namespace reqmail::tests
