#include "mail/clean_command.h"

#include "base/number.h"
#include "base/text.h"
#include "mail/envelope.h"
#include "mail/queue_names.h"

namespace reqmail::mail {

namespace {

std::string_view word_of(CleanKind kind) {
  return kind == CleanKind::foop ? "foop" : kind_name(QueueKind::todo);
}

// Returns what follows the kind's word and a slash; nullopt if the text does not begin with
// them.
std::optional<std::string_view> after_word(std::string_view text, CleanKind kind) {
  const std::string_view word = word_of(kind);
  if (!text.starts_with(word) || !text.substr(word.size()).starts_with('/')) {
    return std::nullopt;
  }
  return text.substr(word.size() + 1);
}

}  // namespace

std::optional<CleanCommand> parse_clean_command(std::string_view text) {
  if (text.size() > kCleanCommandMax) {
    return std::nullopt;
  }
  for (const CleanKind kind : {CleanKind::foop, CleanKind::todo}) {
    if (const auto rest = after_word(text, kind)) {
      const auto number = base::parse_u64(*rest);
      return number ? std::optional(CleanCommand{kind, MessageId(*number)}) : std::nullopt;
    }
  }
  return std::nullopt;
}

std::string clean_command(const CleanCommand& command) {
  return base::concat({word_of(command.kind), "/", command.id.text(), kNul});
}

}  // namespace reqmail::mail
