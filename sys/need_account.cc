#include "sys/need_account.h"

#include "base/text.h"
#include "sys/exits.h"
#include "sys/stream.h"

namespace reqmail::sys {

namespace {

[[noreturn]] void end_without(std::string_view program, std::string_view kind,
                              std::string_view name) {
  (void)write_all(2,
                  base::concat({program, ": fatal: unable to find ", kind, " ", name, "\n"}));
  finish(kExitTemporary);
}

}  // namespace

uid_t need_uid(std::string_view program, Account account) {
  const auto uid = account_uid(account);
  if (!uid) {
    end_without(program, "account", account_name(account));
  }
  return *uid;
}

Identity need_identity(std::string_view program, Account account) {
  const auto identity = account_identity(account);
  if (!identity) {
    end_without(program, "account", account_name(account));
  }
  return *identity;
}

gid_t need_gid(std::string_view program, Group group) {
  const auto gid = group_gid(group);
  if (!gid) {
    end_without(program, "group", group_name(group));
  }
  return *gid;
}

}  // namespace reqmail::sys
