#include "upgrade/program_table.h"

#include <optional>

#include "base/text.h"

namespace reqmail::upgrade {

namespace {

// Programs that run qmail-queue, or communicate with such programs; they are replaced right
// after it.
constexpr std::string_view kInjectors[] = {
    "qmail-inject", "sendmail",    "qmail-smtpd", "qmail-smtpd-tls", "qmail-qmtpd",
    "qmail-qmqpd",  "qmail-local", "forward",     "condredirect",    "qreceipt",
    "qsmhook",      "qmail-qmqpc", "datemail",    "mailsubj"};

// Programs that do not belong to root:qmail or are setuid (setup/install.txt).
struct Special {
  std::string_view name;
  std::optional<sys::Account> owner;
  sys::Group group;
  mode_t mode;
};

constexpr Special kSpecials[] = {
    {kQueueProgram, sys::Account::qmailq, sys::Group::qmail, 04711},
    {"qmail-checkpassword", std::nullopt, sys::Group::nofiles, 04710},
};

}  // namespace

Result<gid_t> need_gid(sys::Group group) {
  if (const auto gid = sys::group_gid(group)) {
    return *gid;
  }
  return temporary(base::concat({"there is no group ", sys::group_name(group)}));
}

Result<uid_t> need_uid(sys::Account account) {
  if (const auto uid = sys::account_uid(account)) {
    return *uid;
  }
  return temporary(base::concat({"there is no account ", sys::account_name(account)}));
}

Phase phase_of(std::string_view program) {
  if (program == kQueueProgram) {
    return Phase::queue;
  }
  if (program == kStart) {
    return Phase::start;
  }
  if (is_one_of(kDaemons, program)) {
    return Phase::daemons;
  }
  return is_one_of(kInjectors, program) ? Phase::injectors : Phase::programs;
}

Result<Access> program_access(std::string_view program, mode_t mode) {
  for (const Special& special : kSpecials) {
    if (program != special.name) {
      continue;
    }
    const auto gid = need_gid(special.group);
    if (!gid) {
      return gid.error();
    }
    const auto uid = special.owner ? need_uid(*special.owner) : Result<uid_t>(uid_t{0});
    if (!uid) {
      return uid.error();
    }
    return Access{*uid, *gid, special.mode};
  }
  const auto gid = need_gid(sys::Group::qmail);
  if (!gid) {
    return gid.error();
  }
  return Access{0, *gid, mode & kPlainBits};
}

}  // namespace reqmail::upgrade
