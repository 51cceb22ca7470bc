// Checks the system's accounts with the shadow file and crypt(3).
#include <shadow.h>

#include <cerrno>

#include "auth/shadow.h"
#include "auth/system_login.h"
#include "base/wipe.h"
#include "sys/clock.h"
#include "sys/error.h"
#include "sys/file.h"

namespace reqmail::auth {

namespace {

constexpr const char* kShadow = "/etc/shadow";
constexpr std::size_t kShadowMax = std::size_t{64} << 20;
// The contents of a hash field in passwd if the hash is in the shadow file.
constexpr std::string_view kElsewhere = "x";

struct ShadowEntry {
  std::string hash;
  ShadowDates dates;
};

Failure unreadable(int error) {
  Failure failure = sys::system_failure("unable to read the shadow file", error);
  failure.permanence = Permanence::temporary;
  return failure;
}

bool means_absent(int error) {
  return error == 0 || error == ENOENT || error == ESRCH;
}

Result<std::optional<ShadowEntry>> find_shadow(const std::string& login) {
  constexpr std::size_t kFirstSize = 1024;
  constexpr std::size_t kLastSize = std::size_t{1} << 20;
  std::string buffer(kFirstSize, '\0');
  for (;;) {
    struct spwd entry = {};
    struct spwd* found = nullptr;
    const int error = ::getspnam_r(login.c_str(), &entry, buffer.data(), buffer.size(), &found);
    if (found != nullptr) {
      ShadowEntry result{entry.sp_pwdp == nullptr ? "" : entry.sp_pwdp,
                         {entry.sp_lstchg, entry.sp_max, entry.sp_expire}};
      base::wipe(buffer);
      return std::optional<ShadowEntry>(std::move(result));
    }
    if (error == ERANGE && buffer.size() < kLastSize) {
      buffer.resize(buffer.size() * 4);
      continue;
    }
    if (error == EINTR) {
      continue;
    }
    if (means_absent(error)) {
      return std::optional<ShadowEntry>();
    }
    return unreadable(error);
  }
}

// If an entry is missing, the whole file may be missing, which is an error if passwd refers to
// it.
Result<void> need_shadow_file() {
  if (auto file = sys::open_read(kShadow); !file) {
    return unreadable(file.error().error);
  }
  return {};
}

}  // namespace

Result<bool> check_system_login(const LoginFields& fields,
                                const std::optional<sys::PasswdEntry>& account, Proof proof,
                                PasswordTrial& trial) {
  // This look-up is done in any case, since it takes time too.
  auto shadow = find_shadow(fields.login);
  if (!account) {
    return false;
  }
  if (!shadow) {
    return shadow.error();
  }
  const ShadowEntry none;
  const ShadowEntry& entry = *shadow ? **shadow : none;
  const bool elsewhere = account->password == kElsewhere;
  if (elsewhere && !*shadow) {
    auto there = need_shadow_file();
    return there ? Result<bool>(false) : Result<bool>(there.error());
  }
  const std::string& hash = elsewhere ? entry.hash : account->password;
  auto proved = proof == Proof::digest ? Result<bool>(hash_state(hash) != HashState::locked)
                                       : trial.fits(hash);
  if (!proved || !*proved) {
    return proved;
  }
  return !(*shadow && is_expired(entry.dates, sys::now()));
}

void look_for_no_system_login(const std::string& login) {
  (void)find_shadow(login);
}

std::vector<std::string> system_costs() {
  auto text = sys::read_file(kShadow, kShadowMax);
  if (!text) {
    return {};
  }
  auto settings = sample_shadow(*text).settings();
  base::wipe(*text);
  return settings;
}

}  // namespace reqmail::auth
