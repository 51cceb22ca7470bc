// The commands of qmail-clean. They are parsed completely, so that a command can name nothing
// but the files of one message.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "mail/message_id.h"

namespace reqmail::mail {

enum class CleanKind {
  foop,  // a message that is done, or that was never completed: intd/N, mess/S/N
  todo,  // a preprocessed message: intd/N, todo/N
};

struct CleanCommand {
  CleanKind kind;
  MessageId id;
};

// The longest command in bytes, without its final NUL.
inline constexpr std::size_t kCleanCommandMax = 100;

// Parses "foop/145" or "todo/145", without the final NUL; returns nullopt for everything else.
std::optional<CleanCommand> parse_clean_command(std::string_view text);

// Returns a command as qmail-send writes it, with its final NUL.
std::string clean_command(const CleanCommand& command);

// The answers of qmail-clean, one byte each.
inline constexpr char kCleanDone = '+';
inline constexpr char kCleanFailed = '!';
inline constexpr char kCleanRefused = 'x';

}  // namespace reqmail::mail
