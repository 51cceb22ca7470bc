// The environment of this process, and environments for children.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace reqmail::sys {

// Returns the value of a variable of this process; nullopt if it is not set.
std::optional<std::string> environment_value(const char* name);

// The same, and removes the variable from the environment.
std::optional<std::string> take_environment_value(const char* name);

// Sets a variable of this process; its name must be a constant text.
void set_environment_value(const char* name, const std::string& value);

// Removes all variables of this process. Children get the environment in their ChildSpec.
void clear_environment();

class Environment;

// Makes these the variables of this process, for good: they must not be changed afterwards but
// by the functions above.
void become_environment(const Environment& environment);

// An environment as a value. The variables keep their order; set() replaces in place or
// appends.
class Environment {
 public:
  Environment() = default;
  // Returns a copy of this process's environment.
  static Environment current();

  void set(std::string_view name, std::string_view value);
  void unset(std::string_view name);
  [[nodiscard]] std::optional<std::string_view> get(std::string_view name) const;

  // Returns NAME=VALUE strings, as in ChildSpec.
  [[nodiscard]] const std::vector<std::string>& strings() const { return strings_; }

 private:
  [[nodiscard]] std::vector<std::string>::const_iterator find(std::string_view name) const;

  std::vector<std::string> strings_;
};

}  // namespace reqmail::sys
