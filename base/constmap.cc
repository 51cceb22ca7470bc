#include "base/constmap.h"

#include "base/ascii.h"

namespace reqmail::base {

ConstMap ConstMap::of_keys(const std::vector<std::string>& lines) {
  Values values;
  for (const std::string& line : lines) {
    values[lower(line)];
  }
  return ConstMap(std::move(values));
}

ConstMap ConstMap::of_pairs(const std::vector<std::string>& lines) {
  Values values;
  for (const std::string& line : lines) {
    const std::size_t colon = line.find(':');
    if (colon != std::string::npos) {
      values[lower(std::string_view(line).substr(0, colon))] = line.substr(colon + 1);
    }
  }
  return ConstMap(std::move(values));
}

std::optional<std::string_view> ConstMap::find(std::string_view key) const {
  if (!values_) {
    return std::nullopt;
  }
  const auto found = values_->find(lower(key));
  if (found == values_->end()) {
    return std::nullopt;
  }
  return found->second;
}

}  // namespace reqmail::base
