// Accounts as /etc/passwd has them, qmail's and others'.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>

namespace reqmail::upgrade {

struct HostAccount {
  std::string name;
  uid_t uid = 0;
  gid_t gid = 0;
  std::string home;
};

// By name, or by number where that is what `name` holds.
std::optional<HostAccount> find_account(std::string_view name);

}  // namespace reqmail::upgrade
