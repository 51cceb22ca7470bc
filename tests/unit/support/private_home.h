// qmail's home of the build (config::kHome), which a queue program is started in, for tests on
// a machine that may have none, or one in use.
#pragma once

namespace reqmail::tests {

// Gives this test program a mount namespace of its own, in which the home is an empty
// directory. Once for the whole program; not with threads running. Returns false where the
// system does not allow it.
bool enter_private_home();

}  // namespace reqmail::tests
