#include "sys/identity.h"

#include <grp.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <vector>

#include "base/number.h"
#include "base/text.h"
#include "config.h"
#include "sys/error.h"
#include "sys/file.h"
#include "sys/stream.h"

namespace reqmail::sys {

namespace {

constexpr std::size_t kAccountFileLimit = std::size_t{64} << 20;

constexpr Account kAccounts[] = {Account::alias,  Account::qmaild, Account::qmaill,
                                 Account::qmailp, Account::qmailq, Account::qmailr,
                                 Account::qmails};

// Returns the colon-separated fields of the line of `path` whose first field is `name`, if
// there are at least `fields` of them.
std::vector<std::string> find_entry(const char* path, std::string_view name,
                                    std::size_t fields) {
  auto text = read_file(path, kAccountFileLimit);
  if (!text) {
    return {};
  }
  for (const std::string_view line : base::lines(*text)) {
    const auto pieces = base::split(line, ':');
    if (pieces.size() >= fields && pieces[0] == name) {
      return {pieces.begin(), pieces.end()};
    }
  }
  return {};
}

std::optional<unsigned> as_id(std::string_view field) {
  const auto number = base::parse_u64(field);
  if (!number || *number > 0xfffffffeU) {
    return std::nullopt;
  }
  return static_cast<unsigned>(*number);
}

std::int64_t fixed_uid(Account account) {
  return config::kFixedUids[static_cast<std::size_t>(account)];
}

// Returns the first of qmail's accounts with this uid in /etc/passwd, apart from those whose
// ids configure has fixed. It reads the file only once, since qmail-queue does this for each
// message.
std::optional<Account> account_in_passwd(uid_t uid) {
  const auto file = open_read("/etc/passwd");
  if (!file) {
    return std::nullopt;
  }
  const std::string field = base::concat({":", base::decimal(uid), ":"});
  Reader reader(file->get());
  std::string line;
  for (;;) {
    line.clear();
    const auto end = reader.get_line(line, kAccountFileLimit);
    if (!end || (*end == LineEnd::end_of_file && line.empty())) {
      return std::nullopt;
    }
    if (line.find(field) == std::string::npos) {
      continue;
    }
    const auto pieces = base::split(line, ':');
    for (const Account account : kAccounts) {
      if (pieces.size() >= 4 && pieces[0] == account_name(account) && as_id(pieces[2]) == uid &&
          fixed_uid(account) < 0) {
        return account;
      }
    }
  }
}

}  // namespace

std::string_view account_name(Account account) {
  return config::kAccountNames[static_cast<std::size_t>(account)];
}

std::string_view group_name(Group group) {
  return config::kGroupNames[static_cast<std::size_t>(group)];
}

std::optional<uid_t> account_uid(Account account) {
  if (fixed_uid(account) >= 0) {
    return static_cast<uid_t>(fixed_uid(account));
  }
  const auto entry = find_entry("/etc/passwd", account_name(account), 4);
  return entry.empty() ? std::nullopt : as_id(entry[2]);
}

std::optional<gid_t> group_gid(Group group) {
  const std::int64_t fixed = config::kFixedGids[static_cast<std::size_t>(group)];
  if (fixed >= 0) {
    return static_cast<gid_t>(fixed);
  }
  const auto entry = find_entry("/etc/group", group_name(group), 3);
  return entry.empty() ? std::nullopt : as_id(entry[2]);
}

std::optional<Identity> account_identity(Account account) {
  if (fixed_uid(account) >= 0) {
    const bool in_qmail =
        account == Account::qmailq || account == Account::qmailr || account == Account::qmails;
    const auto gid = group_gid(in_qmail ? Group::qmail : Group::nofiles);
    if (!gid) {
      return std::nullopt;
    }
    return Identity{static_cast<uid_t>(fixed_uid(account)), *gid};
  }
  const auto entry = find_entry("/etc/passwd", account_name(account), 4);
  if (entry.empty()) {
    return std::nullopt;
  }
  const auto uid = as_id(entry[2]);
  const auto gid = as_id(entry[3]);
  if (!uid || !gid) {
    return std::nullopt;
  }
  return Identity{*uid, *gid};
}

std::optional<Account> account_of(uid_t uid) {
  bool all_fixed = true;
  for (const Account account : kAccounts) {
    if (fixed_uid(account) == static_cast<std::int64_t>(uid)) {
      return account;
    }
    all_fixed = all_fixed && fixed_uid(account) >= 0;
  }
  return all_fixed ? std::nullopt : account_in_passwd(uid);
}

Result<void> take_ids(const Identity& identity) {
  if (::setresgid(identity.gid, identity.gid, identity.gid) != 0 ||
      ::setresuid(identity.uid, identity.uid, identity.uid) != 0) {
    return system_failure("unable to change identity");
  }
  uid_t uids[3] = {};
  gid_t gids[3] = {};
  if (::getresuid(&uids[0], &uids[1], &uids[2]) != 0 ||
      ::getresgid(&gids[0], &gids[1], &gids[2]) != 0) {
    return system_failure("unable to change identity");
  }
  const auto is_uid = [&identity](uid_t uid) { return uid == identity.uid; };
  const auto is_gid = [&identity](gid_t gid) { return gid == identity.gid; };
  if (!std::all_of(std::begin(uids), std::end(uids), is_uid) ||
      !std::all_of(std::begin(gids), std::end(gids), is_gid) ||
      (identity.uid != 0 && ::setuid(0) == 0)) {
    return system_failure("unable to change identity", EPERM);
  }
  return {};
}

Result<void> become(const Identity& identity) {
  if (::setgroups(1, &identity.gid) != 0) {
    return system_failure("unable to change identity");
  }
  return take_ids(identity);
}

Result<void> become_without_groups(const Identity& identity) {
  if (::setgroups(0, nullptr) != 0) {
    return system_failure("unable to change identity");
  }
  return take_ids(identity);
}

}  // namespace reqmail::sys
