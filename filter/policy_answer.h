// The answer of a policy service: lines NAME=VALUE, of which "action" counts, and an empty one.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace reqmail::filter {

// A longer answer makes no sense.
inline constexpr std::size_t kPolicyAnswerMax = std::size_t{64} << 10;

struct PolicyAction {
  enum class Kind {
    go_on,
    refuse,           // with `code` and `text`
    defer_if_permit,  // the same, unless somebody else refuses
    discard,          // the whole message
    prepend,          // `text` is a field, with its line feed
    warn,             // `text` is for the log
    unknown,
  };

  Kind kind = Kind::unknown;
  unsigned code = 0;
  std::string text = {};  // what follows the code
};

// What follows "action=".
PolicyAction parse_policy_action(std::string_view action);

class PolicyAnswerReader {
 public:
  void add(std::string_view bytes);

  // The answer is complete.
  [[nodiscard]] bool is_complete() const { return complete_; }

  // It has no end, no action, or more than one answer has come.
  [[nodiscard]] bool is_broken() const { return broken_; }

  // Once it is complete and not broken.
  [[nodiscard]] PolicyAction action() const { return parse_policy_action(*action_); }

 private:
  std::string rest_;  // without the lines that are done
  std::size_t size_ = 0;
  std::optional<std::string> action_;
  bool complete_ = false;
  bool broken_ = false;
};

}  // namespace reqmail::filter
