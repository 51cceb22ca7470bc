#include "run/need_account.h"

#include "base/text.h"
#include "sys/exits.h"
#include "sys/stream.h"

namespace reqmail::run {

namespace {

[[noreturn]] void end_without(std::string_view program, std::string_view kind,
                              std::string_view name) {
  (void)sys::write_all(
      2, base::concat({program, ": fatal: unable to find ", kind, " ", name, "\n"}));
  sys::finish(sys::kExitTemporary);
}

}  // namespace

uid_t need_uid(std::string_view program, sys::Account account) {
  const auto uid = sys::account_uid(account);
  if (!uid) {
    end_without(program, "account", sys::account_name(account));
  }
  return *uid;
}

sys::Identity need_identity(std::string_view program, sys::Account account) {
  const auto identity = sys::account_identity(account);
  if (!identity) {
    end_without(program, "account", sys::account_name(account));
  }
  return *identity;
}

gid_t need_gid(std::string_view program, sys::Group group) {
  const auto gid = sys::group_gid(group);
  if (!gid) {
    end_without(program, "group", sys::group_name(group));
  }
  return *gid;
}

}  // namespace reqmail::run
