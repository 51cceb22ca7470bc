#include "mail/clean_command.h"

#include "base/number.h"
#include "base/text.h"
#include "mail/envelope.h"

namespace reqmail::mail {

namespace {

constexpr std::string_view kFoop = "foop/";
constexpr std::string_view kTodo = "todo/";

}  // namespace

std::optional<CleanCommand> parse_clean_command(std::string_view text) {
  if (text.size() > kCleanCommandMax || text.size() <= kFoop.size()) {
    return std::nullopt;
  }
  const std::string_view word = text.substr(0, kFoop.size());
  if (word != kFoop && word != kTodo) {
    return std::nullopt;
  }
  const auto number = base::parse_u64(text.substr(kFoop.size()));
  if (!number) {
    return std::nullopt;
  }
  return CleanCommand{word == kFoop ? CleanKind::foop : CleanKind::todo, MessageId(*number)};
}

std::string clean_command(const CleanCommand& command) {
  return base::concat(
      {command.kind == CleanKind::foop ? kFoop : kTodo, command.id.text(), kNul});
}

}  // namespace reqmail::mail
