// Who a process is, and the ids of qmail's own accounts.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "sys/process.h"

namespace reqmail::sys {

// The accounts of an installation; their names are settable (./configure).
enum class Account { alias, qmaild, qmaill, qmailp, qmailq, qmailr, qmails };
enum class Group { qmail, nofiles };

std::string_view account_name(Account account);
std::string_view group_name(Group group);

// Ids of an account: fixed by configure when given, else from /etc/passwd itself. No NSS:
// setuid and short-lived programs must not load modules. Nothing where there is no such
// account.
std::optional<uid_t> account_uid(Account account);
std::optional<gid_t> group_gid(Group group);

// An account's uid with its login group. Nothing where /etc/passwd has no such account.
std::optional<Identity> account_identity(Account account);

// The name of the account of qmail's with this uid, nothing where it has none.
std::optional<Account> account_of(uid_t uid);

// Becomes uid and gid for good: supplementary groups set to gid alone, then gid, then uid;
// verified.
Result<void> become(const Identity& identity);

// The same, the supplementary groups left as they are: real, effective and saved ids, verified,
// and that root does not come back.
Result<void> take_ids(const Identity& identity);

// The same with no supplementary group at all.
Result<void> become_without_groups(const Identity& identity);

}  // namespace reqmail::sys
