// Looks up accounts in /etc/passwd and groups in /etc/group.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace reqmail::survey {

struct HostAccount {
  std::string name;
  uid_t uid = 0;
  gid_t gid = 0;
  std::string home;
};

// Finds an account by name, or by number if `name` is a number.
std::optional<HostAccount> find_account(std::string_view name);

// Finds a group of /etc/group by name or number.
std::optional<gid_t> find_group(std::string_view name);

// Returns the groups of /etc/group that have the account among their members.
std::vector<gid_t> groups_with(std::string_view account);

}  // namespace reqmail::survey
