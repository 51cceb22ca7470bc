// qmail-clean's commands: value or nothing, so that what comes down the pipe can name nothing
// but a message's own files.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "mail/message_id.h"

namespace reqmail::mail {

enum class CleanKind {
  foop,  // a message that is done or was never finished: intd/N, mess/S/N
  todo,  // a preprocessed message: intd/N, todo/N
};

struct CleanCommand {
  CleanKind kind;
  MessageId id;
};

// The longest command, its final NUL left out.
inline constexpr std::size_t kCleanCommandMax = 100;

// "foop/145" or "todo/145", without the final NUL; nothing for anything else.
std::optional<CleanCommand> parse_clean_command(std::string_view text);

// What qmail-send writes, the final NUL included.
std::string clean_command(const CleanCommand& command);

// Answers of qmail-clean, one byte each.
inline constexpr char kCleanDone = '+';
inline constexpr char kCleanFailed = '!';
inline constexpr char kCleanRefused = 'x';

}  // namespace reqmail::mail
