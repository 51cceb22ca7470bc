// Tests that qmail works after a change: sends a message through qmail-queue, qmail-send,
// qmail-lspawn and qmail-local to a maildir of the alias user, which is made for the test and
// removed after it.
#pragma once

#include <string>

#include "base/result.h"

namespace reqmail::upgrade {

// Returns whether there is a local name, so that a test message stays on this host.
bool has_local_host(const std::string& home);

// Sends to the address "alias-NAME@HOST", where `name` is unused in ~alias and HOST is the
// first name in control/locals (control/me if that is missing). It waits for at most a minute.
// Success means that the complete message arrived and nothing of it is left in the queue. The
// text of a Failure says how far it came. Everything that was made in ~alias is removed in any
// case.
Result<void> send_test_message(const std::string& home, const std::string& name);

// Removes what a killed run has left in ~alias.
Result<void> remove_test_mailbox(const std::string& home, const std::string& name);

}  // namespace reqmail::upgrade
