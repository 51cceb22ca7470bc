#include "auth822/dns_facts.h"

#include <algorithm>

#include "base/ascii.h"
#include "base/text.h"

namespace reqmail::auth822 {

namespace {

constexpr std::size_t kNameMax = 253;
constexpr std::size_t kLabelMax = 63;

std::string_view without_last_dot(std::string_view name) {
  return name.ends_with('.') ? name.substr(0, name.size() - 1) : name;
}

}  // namespace

DnsQuestion question(RecordType type, std::string_view name) {
  return {type, base::lower(without_last_dot(name))};
}

bool is_domain(std::string_view name) {
  name = without_last_dot(name);
  if (name.empty() || name.size() > kNameMax) {
    return false;
  }
  const auto labels = base::split(name, '.');
  return std::all_of(labels.begin(), labels.end(), [](std::string_view label) {
    return !label.empty() && label.size() <= kLabelMax;
  });
}

bool is_within(std::string_view name, std::string_view domain) {
  name = without_last_dot(name);
  domain = without_last_dot(domain);
  if (name.size() == domain.size()) {
    return base::equal_ci(name, domain);
  }
  return name.size() > domain.size() && base::ends_with_ci(name, domain) &&
         name[name.size() - domain.size() - 1] == '.';
}

}  // namespace reqmail::auth822
