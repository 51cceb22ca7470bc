// The user and group of a process, and the ids of qmail's own accounts.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "sys/process.h"

namespace reqmail::sys {

// The accounts of an installation; ./configure can change their names.
enum class Account { alias, qmaild, qmaill, qmailp, qmailq, qmailr, qmails };
enum class Group { qmail, nofiles };

std::string_view account_name(Account account);
std::string_view group_name(Group group);

// The ids of an account, fixed by configure or else read from /etc/passwd and /etc/group
// directly. NSS is not used, since setuid and short-lived programs must not load its modules.
// They return nullopt if the account does not exist.
std::optional<uid_t> account_uid(Account account);
std::optional<gid_t> group_gid(Group group);

// Returns an account's uid and login group; nullopt if /etc/passwd does not have it.
std::optional<Identity> account_identity(Account account);

// Returns which of qmail's accounts has this uid; nullopt if none has.
std::optional<Account> account_of(uid_t uid);

// Makes the process this user and group for good, with the group as the only supplementary
// group, and verifies it.
Result<void> become(const Identity& identity);

// The same, but keeps the supplementary groups. It sets real, effective and saved ids, and
// verifies them and that the process cannot become root again.
Result<void> take_ids(const Identity& identity);

// The same as become(), but with no supplementary group at all.
Result<void> become_without_groups(const Identity& identity);

}  // namespace reqmail::sys
