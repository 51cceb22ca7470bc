#include "users/cached_accounts.h"

#include <chrono>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "base/ascii.h"
#include "base/number.h"
#include "base/text.h"
#include "base/time.h"
#include "sys/clock.h"
#include "sys/file.h"

namespace reqmail::users {

namespace {

constexpr std::size_t kServicesMax = std::size_t{1} << 20;
constexpr std::size_t kPasswdMax = std::size_t{64} << 20;
constexpr std::size_t kFields = 7;
constexpr std::uint64_t kIdMax = 0xfffffffe;

// Returns whether the file is older than the resolution of its times. A newer one may change
// again without a visible difference.
bool is_settled(const sys::FileVersion& version) {
  constexpr std::int64_t kSecond = 1'000'000'000;
  constexpr std::int64_t kRecent = 2;
  return base::to_epoch(sys::now()) - version.modified / kSecond > kRecent;
}

// Returns the account of a line that every reader of the file interprets in the same way;
// nullopt for other lines.
std::optional<Account> plain_account(std::string_view line) {
  const auto fields = base::split(line, ':');
  if (fields.size() != kFields || fields[0].empty() || base::is_blank(line.front()) ||
      line.front() == '+' || line.front() == '-') {
    return std::nullopt;
  }
  const auto uid = base::parse_u64(fields[2]);
  const auto gid = base::parse_u64(fields[3]);
  if (!uid || !gid || *uid > kIdMax || *gid > kIdMax) {
    return std::nullopt;
  }
  return Account{std::string(fields[0]), static_cast<uid_t>(*uid), static_cast<gid_t>(*gid),
                 std::string(fields[5])};
}

}  // namespace

bool names_files_alone(std::string_view services) {
  constexpr std::string_view kDatabase = "passwd:";
  bool found = false;
  for (std::string_view line : base::lines(services)) {
    line = base::trim_start(line.substr(0, line.find('#')));
    if (!line.starts_with(kDatabase)) {
      continue;
    }
    if (found || base::trim_end(base::trim_start(line.substr(kDatabase.size()))) != "files") {
      return false;
    }
    found = true;
  }
  return found;
}

Result<std::optional<Account>> CachedAccounts::find(const std::string& name) {
  if (!file_is_all() || !has_accounts()) {
    return system_.find(name);
  }
  const auto account = accounts_.find(name);
  if (account == accounts_.end()) {
    return std::optional<Account>();
  }
  return std::optional<Account>(account->second);
}

bool CachedAccounts::file_is_all() {
  const auto version = sys::file_version(files_.services);
  if (!version) {
    return false;
  }
  if (services_seen_ != version) {
    const auto text = sys::read_regular_file(files_.services, kServicesMax);
    file_is_all_ = text && names_files_alone(*text);
    services_seen_ = is_settled(*version) ? version : std::nullopt;
  }
  return file_is_all_;
}

// Returns whether accounts_ has the accounts of the current file.
bool CachedAccounts::has_accounts() {
  const auto version = sys::file_version(files_.passwd);
  if (!version) {
    return false;
  }
  if (passwd_seen_ != version) {
    plain_ = read_accounts();
    passwd_seen_ = is_settled(*version) ? version : std::nullopt;
  }
  return plain_;
}

// Returns whether all lines are plain accounts.
bool CachedAccounts::read_accounts() {
  accounts_.clear();
  const auto text = sys::read_regular_file(files_.passwd, kPasswdMax);
  if (!text || text->find('\0') != std::string::npos) {
    return false;
  }
  for (const std::string_view line : base::lines(*text)) {
    if (line.empty() || line.front() == '#') {
      continue;
    }
    auto account = plain_account(line);
    if (!account) {
      accounts_.clear();
      return false;
    }
    // If a name has several lines, the first one counts.
    std::string name = account->name;
    (void)accounts_.emplace(std::move(name), std::move(*account));
  }
  return true;
}

}  // namespace reqmail::users
