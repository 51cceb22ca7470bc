// Places of the system as tests want them, in namespaces of a test program's own: what a
// machine has there does not matter and stays as it is.
#pragma once

#include <string>

namespace reqmail::tests {

// qmail's home of the build (config::kHome), which a queue program is started in: an empty
// directory from now on. Once for the whole program; not with threads running. Returns false
// where the system does not allow it.
bool enter_private_home();

// A network that has only the loopback interface, and an /etc with this resolv.conf and nothing
// else. For a child. Returns false where the system does not allow it.
bool enter_private_network(const std::string& resolv_conf);

}  // namespace reqmail::tests
