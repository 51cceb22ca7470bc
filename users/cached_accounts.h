// Keeps the accounts of a passwd file in memory for as long as the file does not change.
#pragma once

#include <optional>
#include <string>
#include <unordered_map>

#include "sys/file_version.h"
#include "users/user_lookup.h"

namespace reqmail::users {

// For a process that looks up many accounts. If the name services (nsswitch.conf(5)) use other
// sources than the file, or the file has lines other than plain accounts, the system is asked
// each time.
class CachedAccounts : public Accounts {
 public:
  struct Files {
    std::string passwd = "/etc/passwd";
    std::string services = "/etc/nsswitch.conf";
  };

  // `system` must outlive the object.
  CachedAccounts(Accounts& system, Files files) : system_(system), files_(std::move(files)) {}

  Result<std::optional<Account>> find(const std::string& name) override;

  // Owners of homes are not cached.
  Result<std::optional<uid_t>> owner(const std::string& path) override {
    return system_.owner(path);
  }

 private:
  bool file_is_all();
  bool has_accounts();
  bool read_accounts();

  Accounts& system_;
  Files files_;
  std::optional<sys::FileVersion> services_seen_;
  bool file_is_all_ = false;
  std::optional<sys::FileVersion> passwd_seen_;
  bool plain_ = false;
  std::unordered_map<std::string, Account> accounts_;
};

// Returns whether accounts come only from the passwd file according to nsswitch.conf(5).
bool names_files_alone(std::string_view services);

}  // namespace reqmail::users
