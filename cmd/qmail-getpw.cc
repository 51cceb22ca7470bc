// qmail-getpw: says which account gets the mail for a local part.
//
// Runs as: qmailp, run by qmail-lspawn
// Reads: the accounts of the system (NSS), the owners of home directories
// Writes: six fields on descriptor 1
// Executes: nothing
// Trusts: the accounts of the system
// Exits: 0 100 115 116 118 119

#include <string>

#include "base/text.h"
#include "config.h"
#include "mail/verdict_codec.h"
#include "sys/error.h"
#include "sys/exits.h"
#include "sys/file.h"
#include "sys/identity.h"
#include "sys/passwd.h"
#include "sys/program.h"
#include "sys/stream.h"
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

int exit_code(users::LookupTrouble trouble) {
  switch (trouble) {
  case users::LookupTrouble::no_alias:
    return mail::lspawn_exit::kNoAlias;
  case users::LookupTrouble::home:
    return mail::lspawn_exit::kNfs;
  case users::LookupTrouble::accounts:
    break;
  }
  return mail::lspawn_exit::kSystem;
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
  SystemAccounts accounts;
  const std::string alias(sys::account_name(sys::Account::alias));
  const auto answer = users::find_account(accounts, argv[1], config::kBreak, alias);
  if (const auto* trouble = std::get_if<users::LookupTrouble>(&answer)) {
    sys::finish(exit_code(*trouble));
  }
  if (!sys::write_all(1, users::format_user(*std::get_if<users::User>(&answer)))) {
    sys::finish(mail::lspawn_exit::kSystem);
  }
  sys::finish(sys::kExitSuccess);
}
