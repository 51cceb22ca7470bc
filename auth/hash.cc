#include "auth/hash.h"

#include <crypt.h>
#include <string.h>
#include <sys/resource.h>

#include <algorithm>
#include <cerrno>
#include <memory>

#include "auth/challenge.h"
#include "base/number.h"
#include "base/text.h"
#include "sys/error.h"

namespace reqmail::auth {

namespace {

// The costs for methods where the default of crypt(3) is too low for today's computers. They
// take 0.1 to 0.3 seconds.
constexpr unsigned long kBcryptCount = 12;
constexpr unsigned long kShaCount = 100000;

constexpr HashMethod kMethods[] = {
    {"yescrypt", "$y$", 0},           {"gost-yescrypt", "$gy$", 0},
    {"argon2id", "$argon2id$", 0},    {"scrypt", "$7$", 0},
    {"bcrypt", "$2b$", kBcryptCount}, {"sha512", "$6$", kShaCount},
    {"sha256", "$5$", kShaCount},
};

// Older prefixes of bcrypt, whose hashes are equally secure.
constexpr std::string_view kBcryptAliases[] = {"$2a$", "$2y$"};

// The length of "$7$" and the parameters after it: one character, then twice five.
constexpr std::size_t kScryptCost = 14;
// The length of "$2b$12$", and that with its salt.
constexpr std::size_t kBcryptCost = 7;
constexpr std::size_t kBcryptSetting = 29;

struct Wiped {
  void operator()(::crypt_data* data) const {
    ::explicit_bzero(data, sizeof(*data));
    delete data;
  }
};

// Returns whether a method needs much memory. If such a method does not get it, libxcrypt
// returns EINVAL, as for an invalid hash.
bool needs_memory(std::string_view setting) {
  constexpr std::string_view kHungry[] = {"$y$", "$gy$", "$7$", "$argon2id$"};
  return std::any_of(
      std::begin(kHungry), std::end(kHungry),
      [setting](std::string_view prefix) { return setting.starts_with(prefix); });
}

// Returns whether the address space or data is limited, as by softlimit and ulimit -v or -d.
bool is_memory_limited() {
  const auto is_limited = [](auto resource) {
    rlimit limit = {};
    return ::getrlimit(resource, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY;
  };
  return is_limited(RLIMIT_AS) || is_limited(RLIMIT_DATA);
}

// Returns the result of crypt(3) for a password and a setting; empty if it fails.
Result<std::string> hash_with(const std::string& password, const std::string& setting) {
  const std::unique_ptr<::crypt_data, Wiped> data(new ::crypt_data{});
  errno = 0;
  const char* made = ::crypt_r(password.c_str(), setting.c_str(), data.get());
  const int error = errno;
  // A result that begins with a star is an error.
  if (made != nullptr && *made != '*') {
    return std::string(made);
  }
  if (error == ENOMEM || (needs_memory(setting) && is_memory_limited())) {
    return temporary("not enough memory to hash a password (a limit of the process?)", ENOMEM);
  }
  return std::string();
}

// Returns the text up to its `count`th dollar sign, inclusive.
std::string_view up_to_dollar(std::string_view text, int count) {
  std::size_t end = 0;
  for (; count > 0; --count) {
    end = text.find('$', end);
    if (end == std::string_view::npos) {
      return text;
    }
    ++end;
  }
  return text.substr(0, end);
}

// Returns the setting of a hash: the part that does not depend on the password.
std::string_view setting_of(std::string_view hash) {
  if (method_of(hash)->name == "bcrypt") {
    return hash.substr(0, kBcryptSetting);
  }
  return hash.substr(0, hash.rfind('$') + 1);
}

std::string new_setting(const char* prefix, unsigned long count) {
  char setting[CRYPT_GENSALT_OUTPUT_SIZE] = {};
  const char* made =
      ::crypt_gensalt_rn(prefix, count, nullptr, 0, setting, static_cast<int>(sizeof(setting)));
  return made == nullptr || *made == '*' ? std::string() : std::string(made);
}

// Returns the host's default for new hashes, or else the best method that it supports.
std::string preferred_setting() {
  std::string setting = new_setting(nullptr, 0);
  if (const HashMethod* method = method_of(setting); method != nullptr) {
    return method->count == 0 ? setting
                              : new_setting(std::string(method->prefix).c_str(), method->count);
  }
  for (const HashMethod& method : kMethods) {
    setting = new_setting(std::string(method.prefix).c_str(), method.count);
    if (!setting.empty()) {
      return setting;
    }
  }
  return {};
}

}  // namespace

HashState hash_state(std::string_view hash) {
  if (hash.empty()) {
    return HashState::empty;
  }
  if (hash.front() == '!') {
    return HashState::locked;
  }
  if (hash.front() == '*' || hash == "x") {
    return HashState::none;
  }
  return method_of(hash) == nullptr ? HashState::weak : HashState::usable;
}

std::span<const HashMethod> hash_methods() {
  return kMethods;
}

const HashMethod* find_hash_method(std::string_view name) {
  const auto* const found =
      std::find_if(std::begin(kMethods), std::end(kMethods),
                   [name](const HashMethod& method) { return method.name == name; });
  return found == std::end(kMethods) ? nullptr : found;
}

const HashMethod* method_of(std::string_view hash) {
  for (const HashMethod& method : kMethods) {
    if (hash.starts_with(method.prefix)) {
      return &method;
    }
  }
  for (const std::string_view prefix : kBcryptAliases) {
    if (hash.starts_with(prefix)) {
      return find_hash_method("bcrypt");
    }
  }
  return nullptr;
}

Result<std::string> make_hash(const std::string& password, const HashMethod* method,
                              std::optional<unsigned long> count) {
  if (method == nullptr && count) {
    method = method_of(preferred_setting());
  }
  const std::string setting =
      method == nullptr
          ? preferred_setting()
          : new_setting(std::string(method->prefix).c_str(), count.value_or(method->count));
  if (setting.empty()) {
    return permanent(method == nullptr
                         ? "crypt(3) of this host knows no modern method"
                         : base::concat({"crypt(3) of this host cannot do ", method->name,
                                         count ? " with this count" : ""}));
  }
  if (method_of(setting) == find_hash_method("bcrypt") && password.size() > kBcryptMax) {
    return permanent("bcrypt looks at 72 bytes of a password only, this one is longer");
  }
  auto hash = hash_with(password, setting);
  if (hash && hash->empty()) {
    return permanent("crypt(3) of this host refuses this password");
  }
  return hash;
}

Result<bool> can_check(const std::string& hash) {
  auto made = hash_with("", hash);
  if (!made) {
    return made.error();
  }
  return !made->empty();
}

std::string_view cost_of(std::string_view hash) {
  const HashMethod* method = method_of(hash);
  if (method == nullptr) {
    return {};
  }
  if (method->name == "bcrypt") {
    return hash.substr(0, kBcryptCost);
  }
  if (method->name == "scrypt") {
    return hash.substr(0, kScryptCost);
  }
  if (method->name == "argon2id") {
    return up_to_dollar(hash, 4);
  }
  if (method->prefix == "$6$" || method->prefix == "$5$") {
    const bool has_rounds = hash.substr(3).starts_with("rounds=");
    return up_to_dollar(hash, has_rounds ? 3 : 2);
  }
  return up_to_dollar(hash, 3);
}

void CostSample::add(std::string_view hash) {
  if (hash_state(hash) != HashState::usable) {
    return;
  }
  const std::string_view cost = cost_of(hash);
  const auto found = std::find_if(costs_.begin(), costs_.end(),
                                  [cost](const Cost& known) { return known.cost == cost; });
  if (found != costs_.end()) {
    ++found->count;
    return;
  }
  costs_.push_back({std::string(cost), std::string(setting_of(hash)), 1});
}

std::vector<std::string> CostSample::settings() const {
  std::vector<Cost> costs = costs_;
  std::stable_sort(costs.begin(), costs.end(),
                   [](const Cost& a, const Cost& b) { return a.count > b.count; });
  std::vector<std::string> settings;
  for (std::size_t i = 0; i < std::min(costs.size(), kMostCosts); ++i) {
    settings.push_back(costs[i].setting);
  }
  return settings;
}

Result<bool> PasswordTrial::fits(const std::string& hash) {
  if (hash_state(hash) != HashState::usable) {
    return false;
  }
  spent_.emplace_back(cost_of(hash));
  auto made = hash_with(password_, hash);
  if (!made) {
    return made.error();
  }
  return !made->empty() && same_bytes(*made, hash);
}

Result<void> PasswordTrial::spend(const std::vector<std::string>& settings) {
  for (const std::string& setting : settings) {
    const std::string_view cost = cost_of(setting);
    if (std::find(spent_.begin(), spent_.end(), cost) != spent_.end()) {
      continue;
    }
    spent_.emplace_back(cost);
    if (auto made = hash_with(password_, setting); !made) {
      return made.error();
    }
  }
  if (spent_.empty()) {
    const std::string setting = preferred_setting();
    spent_.emplace_back(cost_of(setting));
    if (auto made = hash_with(password_, setting); !made) {
      return made.error();
    }
  }
  return {};
}

}  // namespace reqmail::auth
