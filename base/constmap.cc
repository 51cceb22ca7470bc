#include "base/constmap.h"

#include "base/ascii.h"

namespace reqmail::base {

ConstMap ConstMap::of_keys(const std::vector<std::string>& lines) {
  ConstMap map;
  for (const std::string& line : lines) {
    map.values_[lower(line)];
  }
  return map;
}

ConstMap ConstMap::of_pairs(const std::vector<std::string>& lines) {
  ConstMap map;
  for (const std::string& line : lines) {
    const std::size_t colon = line.find(':');
    if (colon != std::string::npos) {
      map.values_[lower(std::string_view(line).substr(0, colon))] = line.substr(colon + 1);
    }
  }
  return map;
}

std::optional<std::string_view> ConstMap::find(std::string_view key) const {
  const auto found = values_.find(lower(key));
  if (found == values_.end()) {
    return std::nullopt;
  }
  return found->second;
}

}  // namespace reqmail::base
