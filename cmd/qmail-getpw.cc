// qmail-getpw: says which account gets the mail for a local part.
//
// Runs as: qmailp, run by qmail-lspawn
// Reads: the accounts of the system (NSS), the owners of home directories; if it stays,
//   questions of qmail-lspawn on descriptor 0
// Writes: six fields on descriptor 1; if it stays, answers on descriptor 0
// Executes: nothing
// Trusts: the accounts of the system
// Exits: 0 100 115 116 118 119

#include <string>
#include <string_view>

#include "config.h"
#include "mail/verdict_codec.h"
#include "sys/error.h"
#include "sys/exits.h"
#include "sys/file.h"
#include "sys/identity.h"
#include "sys/passwd.h"
#include "sys/program.h"
#include "sys/program_mark.h"
#include "sys/stream.h"
#include "users/cached_accounts.h"
#include "users/lookup_service.h"
#include "users/user_lookup.h"

namespace config = reqmail::config;
namespace mail = reqmail::mail;
namespace sys = reqmail::sys;
namespace users = reqmail::users;

namespace {

class SystemAccounts : public users::Accounts {
 public:
  reqmail::Result<std::optional<users::Account>> find(const std::string& name) override {
    auto entry = sys::find_passwd_entry(name);
    if (!entry) {
      return entry.error();
    }
    if (!*entry) {
      return std::optional<users::Account>();
    }
    sys::PasswdEntry& it = **entry;
    return std::optional<users::Account>(
        users::Account{std::move(it.name), it.uid, it.gid, std::move(it.home)});
  }

  reqmail::Result<std::optional<uid_t>> owner(const std::string& path) override {
    auto info = sys::status(path);
    if (info) {
      return std::optional<uid_t>(info->st_uid);
    }
    if (sys::is_temporary(info.error().error)) {
      return info.error();
    }
    return std::optional<uid_t>();
  }
};

// If qmail-lspawn finds this in the file, it may have one process answer all its questions.
[[gnu::used, gnu::retain]] constexpr auto kMark = reqmail::sys::program_mark("qmail-getpw");

std::string alias_name() {
  return std::string(sys::account_name(sys::Account::alias));
}

void stay() {
  SystemAccounts system;
  users::CachedAccounts accounts(system, {});
  users::serve_lookups(0, [&accounts](std::string_view local_part) {
    return users::look_up(accounts, local_part, config::kBreak, alias_name());
  });
}

}  // namespace

int main(int argc, char** argv) {
  const sys::Program program({
      .out_of_memory = mail::lspawn_exit::kNoMemory,
      .bug = mail::lspawn_exit::kSystem,
  });
  if (argc < 2) {
    sys::finish(sys::kExitPermanent);
  }
  if (argc == 3 && *argv[1] == '\0' && argv[2] == users::kStay) {
    stay();
    sys::finish(sys::kExitSuccess);
  }
  SystemAccounts accounts;
  const users::LookupAnswer answer =
      users::look_up(accounts, argv[1], config::kBreak, alias_name());
  if (answer.code == 0 && !sys::write_all(1, answer.fields)) {
    sys::finish(mail::lspawn_exit::kSystem);
  }
  sys::finish(answer.code);
}
