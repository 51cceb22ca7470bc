// The proof that qmail works after a change: a message through qmail-queue, qmail-send,
// qmail-lspawn and qmail-local into a maildir of the alias user, which is made for it and goes
// again with it.
#pragma once

#include <string>

#include "base/result.h"

namespace reqmail::upgrade {

// Whether some name is local, so that a test message stays here.
bool has_local_host(const std::string& home);

// The address "alias-NAME@HOST" where `name` is unused in ~alias and HOST is the first of
// control/locals (control/me where that is missing). Waits for at most a minute. Success: the
// message came whole, and none of it is left in the queue. A Failure says how far it got; what
// was made in ~alias is removed in any case.
Result<void> send_test_message(const std::string& home, const std::string& name);

// What a killed run left in ~alias.
Result<void> remove_test_mailbox(const std::string& home, const std::string& name);

}  // namespace reqmail::upgrade
