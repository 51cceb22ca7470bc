// Hashes of passwords as crypt(3) makes them, and trials whose time does not tell who exists.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace reqmail::auth {

// What stands in a hash field.
enum class HashState {
  usable,  // a modern method, whether this host's crypt(3) has it or not
  none,    // "*" and the like: no password fits
  locked,  // begins with "!": the account is shut
  empty,   // no password asked for: never honoured
  weak,    // DES, MD5 and whatever is not listed as modern: never honoured
};

HashState hash_state(std::string_view hash);

// A modern method. `count` is the cost that new hashes get, 0 for crypt(3)'s own choice.
struct HashMethod {
  std::string_view name;
  std::string_view prefix;
  unsigned long count;
};

// What may be chosen for new hashes; and the one of a hash, nothing where it is not usable.
std::span<const HashMethod> hash_methods();
const HashMethod* find_hash_method(std::string_view name);
const HashMethod* method_of(std::string_view hash);

// bcrypt looks at no more of a password.
inline constexpr std::size_t kBcryptMax = 72;

// A new hash. With no method the host's own choice where that is a modern one. A Failure says
// what crypt(3) would not do.
Result<std::string> make_hash(const std::string& password, const HashMethod* method,
                              std::optional<unsigned long> count);

// Whether crypt(3) of this host can check such a hash.
Result<bool> can_check(const std::string& hash);

// What decides how long a usable hash takes to check: its method and parameters, without salt.
std::string_view cost_of(std::string_view hash);

// Samples of the hashes that a host's logins have: a setting for crypt(3) of each cost, the
// most frequent ones first, at most kMostCosts. Hashes that are not usable are left out.
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

// Tries a password against hashes. Whoever is refused, for whatever reason, has had it hashed
// once with each cost that any login of the host could have had.
class PasswordTrial {
 public:
  explicit PasswordTrial(const std::string& password) : password_(password) {}

  // Whether the password fits; false for what is not usable. A temporary Failure where crypt(3)
  // lacks memory.
  Result<bool> fits(const std::string& hash);

  // Hashes with the settings whose cost has not been spent; without any, and nothing spent yet,
  // with one that this host would use for new passwords.
  Result<void> spend(const std::vector<std::string>& settings);

 private:
  const std::string& password_;
  std::vector<std::string> spent_;
};

}  // namespace reqmail::auth
