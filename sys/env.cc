#include "sys/env.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "base/text.h"

namespace reqmail::sys {

std::optional<std::string> environment_value(const char* name) {
  const char* value = std::getenv(name);
  if (value == nullptr) {
    return std::nullopt;
  }
  return std::string(value);
}

std::optional<std::string> take_environment_value(const char* name) {
  auto value = environment_value(name);
  if (value) {
    (void)::unsetenv(name);
  }
  return value;
}

void set_environment_value(const char* name, const std::string& value) {
  (void)::setenv(name, value.c_str(), 1);
}

void clear_environment() {
  environ = nullptr;
}

void become_environment(const Environment& environment) {
  // Like the environment that the kernel made, these live as long as the process.
  char** variables = new char*[environment.strings().size() + 1];
  char** end = variables;
  for (const std::string& text : environment.strings()) {
    *end++ = ::strdup(text.c_str());
  }
  *end = nullptr;
  environ = variables;
}

Environment Environment::current() {
  Environment environment;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    environment.strings_.emplace_back(*entry);
  }
  return environment;
}

std::vector<std::string>::const_iterator Environment::find(std::string_view name) const {
  return std::find_if(strings_.begin(), strings_.end(), [name](const std::string& entry) {
    return entry.size() > name.size() && entry[name.size()] == '=' &&
           entry.compare(0, name.size(), name) == 0;
  });
}

void Environment::set(std::string_view name, std::string_view value) {
  std::string entry = base::concat({name, "=", value});
  const auto found = find(name);
  if (found == strings_.end()) {
    strings_.push_back(std::move(entry));
  } else {
    strings_[static_cast<std::size_t>(found - strings_.begin())] = std::move(entry);
  }
}

void Environment::unset(std::string_view name) {
  // An environment may have a variable twice.
  for (auto found = find(name); found != strings_.end(); found = find(name)) {
    strings_.erase(found);
  }
}

std::optional<std::string_view> Environment::get(std::string_view name) const {
  const auto found = find(name);
  if (found == strings_.end()) {
    return std::nullopt;
  }
  return std::string_view(*found).substr(name.size() + 1);
}

}  // namespace reqmail::sys
