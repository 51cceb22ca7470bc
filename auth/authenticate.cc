#include "auth/authenticate.h"

#include "auth/challenge.h"
#include "auth/hash.h"
#include "auth/system_login.h"
#include "auth/user_database.h"
#include "base/text.h"
#include "base/wipe.h"
#include "sys/passwd.h"

namespace reqmail::auth {

namespace {

using MaybeAccount = std::optional<LoginAccount>;

// The shell of an account whose entry has none (passwd(5)).
constexpr const char* kShell = "/bin/sh";

// A look-up that finds nothing asks every source in nsswitch.conf(5), but one that finds an
// account asks only up to that source. This look-up makes every refusal take the time of all
// sources.
constexpr const char* kNoAccount = "no such account";

std::string shell_or_default(const std::string& shell) {
  return shell.empty() ? kShell : shell;
}

// Returns whether the login has answered its challenge with its secret in users/secrets.
// qmail-popup sends a challenge with every login, so a login that did not answer it may still
// prove itself by a password.
Result<Proof> proof_of(const LoginFields& fields, const std::string& directory) {
  if (fields.challenge.empty() || !is_digest(fields.secret)) {
    return Proof::password;
  }
  auto secrets = UserDatabase::open(directory + "/secrets.cdb");
  if (!secrets) {
    return secrets.error();
  }
  auto secret = secrets->find_secret(fields.login);
  if (!secret) {
    return secret.error();
  }
  const bool known = *secret && answers_challenge(**secret, fields.challenge, fields.secret);
  if (*secret) {
    base::wipe(**secret);
  }
  return known ? Proof::digest : Proof::password;
}

Result<MaybeAccount> decide_virtual(const LoginFields& fields, const User& user, Proof proof,
                                    PasswordTrial& trial) {
  auto proved = proof == Proof::digest
                    ? Result<bool>(hash_state(user.hash) != HashState::locked)
                    : trial.fits(user.hash);
  if (!proved) {
    return proved.error();
  }
  if (!*proved) {
    // A login of this form that is not in users/passwd would have been looked up in the system.
    if (!is_address(fields.login)) {
      (void)sys::find_passwd_entry(kNoAccount);
      look_for_no_system_login(kNoAccount);
    }
    return MaybeAccount();
  }
  return MaybeAccount(LoginAccount{login_key(fields.login),
                                   {user.uid, user.gid},
                                   user.home,
                                   shell_or_default(user.shell),
                                   false});
}

Result<MaybeAccount> decide_system(const LoginFields& fields, Proof proof,
                                   PasswordTrial& trial) {
  const auto account = sys::find_passwd_entry(fields.login);
  if (!account) {
    return account.error();
  }
  auto proved = check_system_login(fields, *account, proof, trial);
  if (!proved) {
    return proved.error();
  }
  if (!*proved) {
    if (*account) {
      (void)sys::find_passwd_entry(kNoAccount);
    }
    return MaybeAccount();
  }
  const sys::PasswdEntry& entry = **account;
  return MaybeAccount(LoginAccount{
      entry.name, {entry.uid, entry.gid}, entry.home, shell_or_default(entry.shell), true});
}

Result<MaybeAccount> decide(const LoginFields& fields, const std::string& directory,
                            UserDatabase& users, PasswordTrial& trial) {
  // A client without a password must not get into an account without a password.
  if (fields.secret.empty()) {
    return MaybeAccount();
  }
  auto proof = proof_of(fields, directory);
  if (!proof) {
    return proof.error();
  }
  auto user = users.find_user(fields.login);
  if (!user) {
    return user.error();
  }
  if (*user) {
    return decide_virtual(fields, **user, *proof, trial);
  }
  if (is_address(fields.login) || !check_login(fields.login)) {
    return MaybeAccount();
  }
  return decide_system(fields, *proof, trial);
}

// Hashes the password with every cost that another login could have needed.
Result<void> spend_the_rest(const LoginFields& fields, UserDatabase& users,
                            PasswordTrial& trial) {
  const bool address = is_address(fields.login);
  auto settings = users.settings(address ? kAddressCosts : kAccountCosts);
  if (!settings) {
    return settings.error();
  }
  if (!address) {
    for (std::string& setting : system_costs()) {
      settings->push_back(std::move(setting));
    }
  }
  return trial.spend(*settings);
}

}  // namespace

Result<std::optional<LoginAccount>> authenticate(const LoginFields& fields,
                                                 const std::string& directory) {
  auto users = UserDatabase::open(directory + "/passwd.cdb");
  if (!users) {
    return users.error();
  }
  PasswordTrial trial(fields.secret);
  auto account = decide(fields, directory, *users, trial);
  if (account && *account && (*account)->identity.uid == 0) {
    *account = std::nullopt;
  }
  if (account && !*account) {
    if (auto spent = spend_the_rest(fields, *users, trial); !spent) {
      return spent.error();
    }
  }
  return account;
}

}  // namespace reqmail::auth
