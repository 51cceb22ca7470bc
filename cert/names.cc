#include "cert/names.h"

#include <algorithm>
#include <cstddef>

#include "base/ascii.h"
#include "base/text.h"

namespace reqmail::cert {

namespace {

constexpr std::size_t kNameMax = 253;
constexpr std::size_t kLabelMax = 63;
constexpr std::string_view kWildcard = "*.";

bool is_label(std::string_view label) {
  return !label.empty() && label.size() <= kLabelMax && label.front() != '-' &&
         label.back() != '-' && std::all_of(label.begin(), label.end(), [](char c) {
           return base::is_letter(c) || base::is_digit(c) || c == '-';
         });
}

}  // namespace

bool is_certificate_name(std::string_view name) {
  if (name.starts_with(kWildcard)) {
    name.remove_prefix(kWildcard.size());
  }
  const auto labels = base::split(name, '.');
  const std::string_view last = labels.back();
  return name.size() <= kNameMax && labels.size() >= 2 &&
         std::all_of(labels.begin(), labels.end(), is_label) &&
         !std::all_of(last.begin(), last.end(), base::is_digit);
}

bool covers(const std::vector<std::string>& names, std::string_view host) {
  const std::string wanted = base::lower(host);
  const std::size_t dot = wanted.find('.');
  return std::any_of(names.begin(), names.end(), [&](const std::string& name) {
    return name == wanted || (name.starts_with(kWildcard) && dot != std::string::npos &&
                              dot > 0 && name.substr(1) == wanted.substr(dot));
  });
}

}  // namespace reqmail::cert
