#include "filter/policy_answer.h"

#include "base/ascii.h"
#include "base/number.h"
#include "base/text.h"
#include "filter/message_edits.h"

namespace reqmail::filter {

namespace {

using Kind = PolicyAction::Kind;

constexpr unsigned kReject = 554;
constexpr unsigned kDefer = 450;
constexpr std::size_t kCodeSize = 3;

std::string with_status(std::string_view text, std::string_view fallback,
                        std::string_view status) {
  return base::concat({text.empty() ? fallback : text, status});
}

PolicyAction rejected(std::string_view text) {
  return {Kind::refuse, kReject,
          with_status(text, "rejected by a policy service", " (#5.7.1)")};
}

PolicyAction deferred(Kind kind, std::string_view text) {
  return {kind, kDefer, with_status(text, "deferred by a policy service", " (#4.7.1)")};
}

PolicyAction prepended(std::string_view field) {
  const std::size_t colon = field.find(':');
  if (colon == std::string_view::npos || !is_field_name(field.substr(0, colon))) {
    return {};
  }
  std::string_view value = field.substr(colon + 1);
  while (value.starts_with(' ')) {
    value.remove_prefix(1);
  }
  return {Kind::prepend, 0, milter_field(field.substr(0, colon), value, true)};
}

// "450 text": nullopt if the word is no code of a refusal.
std::optional<unsigned> refusal_code(std::string_view word) {
  if (word.size() != kCodeSize || base::leading_digits(word) != kCodeSize ||
      (word.front() != '4' && word.front() != '5')) {
    return std::nullopt;
  }
  return static_cast<unsigned>(*base::parse_u64(word));
}

}  // namespace

PolicyAction parse_policy_action(std::string_view action) {
  const std::size_t blank = action.find(' ');
  const std::string_view word = action.substr(0, blank);
  std::string_view text =
      blank == std::string_view::npos ? std::string_view() : action.substr(blank + 1);
  while (text.starts_with(' ')) {
    text.remove_prefix(1);
  }
  if (const auto code = refusal_code(word)) {
    return {Kind::refuse, *code, std::string(text)};
  }
  const std::string name = base::lower(word);
  if (name.empty() || name == "dunno" || name == "ok") {
    return {Kind::go_on};
  }
  if (name == "reject") {
    return rejected(text);
  }
  if (name == "defer") {
    return deferred(Kind::refuse, text);
  }
  if (name == "defer_if_permit") {
    return deferred(Kind::defer_if_permit, text);
  }
  if (name == "discard") {
    return {Kind::discard};
  }
  if (name == "warn") {
    return {Kind::warn, 0, std::string(text)};
  }
  return name == "prepend" ? prepended(text) : PolicyAction();
}

void PolicyAnswerReader::add(std::string_view bytes) {
  size_ += bytes.size();
  rest_.append(bytes);
  std::size_t begin = 0;
  for (std::size_t end = rest_.find('\n'); !complete_ && end != std::string::npos;
       end = rest_.find('\n', begin)) {
    std::string_view line = std::string_view(rest_).substr(begin, end - begin);
    begin = end + 1;
    if (line.ends_with('\r')) {
      line.remove_suffix(1);
    }
    constexpr std::string_view kAction = "action=";
    if (line.empty()) {
      complete_ = true;
    } else if (!action_ && base::starts_with_ci(line, kAction)) {
      action_ = line.substr(kAction.size());
    }
  }
  rest_.erase(0, begin);
  broken_ = size_ > kPolicyAnswerMax || (complete_ && (!action_ || !rest_.empty()));
}

}  // namespace reqmail::filter
