// Lines of a log as syslog takes them: in printable pieces of bounded length (splogger(8)).
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace reqmail::base {

// The longest piece.
inline constexpr std::size_t kLogPieceMax = 799;

enum class LogPriority { info, warning, alert };

struct LogPiece {
  // Bytes outside 32..126 are '?'.
  std::string text;
  // Of the whole line, by how it begins: "warning:", "alert:".
  LogPriority priority = LogPriority::info;
  // Not the first piece of its line.
  bool continued = false;
};

// Pieces of the lines in a stream of bytes, however it is cut. Empty lines have none.
class LogSplitter {
 public:
  // Uses up bytes at the beginning of `input`: all of them, or those of the piece it returns.
  std::optional<LogPiece> take(std::string_view& input);

  // At the end of the stream: what came behind the last line feed, nothing where nothing did.
  std::optional<LogPiece> rest();

 private:
  LogPiece cut();

  std::string text_;
  bool continued_ = false;
  LogPriority priority_ = LogPriority::info;
};

}  // namespace reqmail::base
