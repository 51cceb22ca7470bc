// The environment: read as it is, or built for a child.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace reqmail::sys {

// A variable of this process.
std::optional<std::string> environment_value(const char* name);

// The same; it is gone from the environment afterwards.
std::optional<std::string> take_environment_value(const char* name);

// Sets a variable of this process, whose name is constant text.
void set_environment_value(const char* name, const std::string& value);

// This process has no environment any more; children get what their ChildSpec says.
void clear_environment();

// Variables in the order they came; set() replaces in place or appends.
class Environment {
 public:
  Environment() = default;
  // A copy of this process's.
  static Environment current();

  void set(std::string_view name, std::string_view value);
  void unset(std::string_view name);
  [[nodiscard]] std::optional<std::string_view> get(std::string_view name) const;

  // NAME=VALUE strings, for ChildSpec.
  [[nodiscard]] const std::vector<std::string>& strings() const { return strings_; }

 private:
  [[nodiscard]] std::vector<std::string>::const_iterator find(std::string_view name) const;

  std::vector<std::string> strings_;
};

}  // namespace reqmail::sys
