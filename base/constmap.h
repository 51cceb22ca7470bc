// Case-insensitive look-up of the lines of a control file, such as locals, rcpthosts,
// virtualdomains and percenthack.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace reqmail::base {

// Keys are compared without regard to ASCII case. If two keys are equal, the last one counts.
// Copies of a map share its entries.
class ConstMap {
 public:
  ConstMap() = default;

  // Each line is a key.
  static ConstMap of_keys(const std::vector<std::string>& lines);

  // Each line is `key:value`; lines without a colon are skipped, as in qmail.
  static ConstMap of_pairs(const std::vector<std::string>& lines);

  [[nodiscard]] bool contains(std::string_view key) const { return find(key).has_value(); }

  // Returns the value of a key, which is empty if its line has none; nullopt if there is no
  // such key. The view lives as long as the map.
  [[nodiscard]] std::optional<std::string_view> find(std::string_view key) const;

  [[nodiscard]] bool empty() const { return !values_ || values_->empty(); }

 private:
  using Values = std::unordered_map<std::string, std::string>;

  explicit ConstMap(Values values)
      : values_(std::make_shared<const Values>(std::move(values))) {}

  std::shared_ptr<const Values> values_;
};

}  // namespace reqmail::base
