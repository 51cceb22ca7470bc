// Splits a log into printable pieces of limited length for syslog (splogger(8)).
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace reqmail::base {

// The longest piece in bytes.
inline constexpr std::size_t kLogPieceMax = 799;

enum class LogPriority { info, warning, alert };

struct LogPiece {
  // Bytes outside 32..126 are '?'.
  std::string text;
  // The priority of the whole line, from its beginning: "warning:" or "alert:".
  LogPriority priority = LogPriority::info;
  // Whether this is not the first piece of its line.
  bool continued = false;
};

// Splits the lines in a stream of bytes that comes in any pieces. An empty line yields nothing.
class LogSplitter {
 public:
  // Removes bytes from the beginning of `input`: those of the returned piece, or all.
  std::optional<LogPiece> take(std::string_view& input);

  // Returns what followed the last line feed at the end of the stream; nullopt if nothing did.
  std::optional<LogPiece> rest();

 private:
  LogPiece cut();

  std::string text_;
  bool continued_ = false;
  LogPriority priority_ = LogPriority::info;
};

}  // namespace reqmail::base
