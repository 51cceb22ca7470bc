// Password hashes as crypt(3) makes them, and password trials whose time does not reveal which
// logins exist.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace reqmail::auth {

// What a hash field contains.
enum class HashState {
  usable,  // a hash of a modern method, whether this host's crypt(3) supports it or not
  none,    // "*" and the like: no password fits
  locked,  // begins with "!": the account is shut
  empty,   // no password is required; such a login is always refused
  weak,  // DES, MD5 and everything that is not listed as modern; such a login is always refused
};

HashState hash_state(std::string_view hash);

// A modern method. `count` is the cost of new hashes; 0 means the default of crypt(3).
struct HashMethod {
  std::string_view name;
  std::string_view prefix;
  unsigned long count;
};

// Returns the methods for new hashes; and the method of a hash, null if the hash is not usable.
std::span<const HashMethod> hash_methods();
const HashMethod* find_hash_method(std::string_view name);
const HashMethod* method_of(std::string_view hash);

// The number of bytes of a password that bcrypt uses.
inline constexpr std::size_t kBcryptMax = 72;

// Makes a new hash. If `method` is null, it uses the host's default if that is a modern method.
// The text of a Failure is what crypt(3) refused.
Result<std::string> make_hash(const std::string& password, const HashMethod* method,
                              std::optional<unsigned long> count);

// Returns whether crypt(3) of this host can check such a hash.
Result<bool> can_check(const std::string& hash);

// Returns the part of a usable hash that decides how long a check takes: its method and
// parameters, without the salt.
std::string_view cost_of(std::string_view hash);

// A sample of the hashes of a host's logins: one setting for crypt(3) of each cost, the most
// frequent costs first, at most kMostCosts. Hashes that are not usable are left out.
inline constexpr std::size_t kMostCosts = 4;

class CostSample {
 public:
  void add(std::string_view hash);
  [[nodiscard]] std::vector<std::string> settings() const;

 private:
  struct Cost {
    std::string cost;
    std::string setting;
    std::uint64_t count = 0;
  };

  std::vector<Cost> costs_;
};

// Tries a password against hashes. Whatever the reason of a refusal, the password has then been
// hashed once with each cost that any login of the host could have had.
class PasswordTrial {
 public:
  explicit PasswordTrial(const std::string& password) : password_(password) {}

  // Returns whether the password matches the hash; false if the hash is not usable. It is a
  // temporary Failure if crypt(3) lacks memory.
  Result<bool> fits(const std::string& hash);

  // Hashes the password with the settings whose cost has not been used yet. If there was no
  // hashing at all, it uses a setting that this host would use for new passwords.
  Result<void> spend(const std::vector<std::string>& settings);

 private:
  const std::string& password_;
  std::vector<std::string> spent_;
};

}  // namespace reqmail::auth
