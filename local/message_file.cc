#include "local/message_file.h"

#include <string>

#include "base/text.h"
#include "sys/error.h"
#include "sys/rewind.h"
#include "sys/stream.h"

namespace reqmail::local {

namespace {

// Most messages are read completely with one read(2) of this size.
constexpr std::size_t kPiece = std::size_t{64} << 10;

// Finds a line in a header that comes in pieces. It keeps no more of a line than the length of
// the line it looks for.
class HeaderLineFinder {
 public:
  explicit HeaderLineFinder(std::string_view wanted) : wanted_(wanted) {}

  // Returns whether the header continues and the line was not found yet.
  bool look(std::string_view piece) {
    while (!piece.empty() && !over_) {
      const std::size_t newline = piece.find('\n');
      const std::size_t length = newline == std::string_view::npos ? piece.size() : newline + 1;
      add(piece.substr(0, length));
      piece.remove_prefix(length);
      if (newline != std::string_view::npos) {
        end_line();
      }
    }
    return !over_;
  }

  [[nodiscard]] bool found() const { return found_; }

 private:
  void add(std::string_view part) {
    const std::size_t room = wanted_.size() + 1 - line_.size();
    line_.append(part.substr(0, room));
  }

  void end_line() {
    found_ = line_ == wanted_;
    over_ = found_ || line_ == "\n";
    line_.clear();
  }

  std::string_view wanted_;
  std::string line_;
  bool found_ = false;
  bool over_ = false;
};

}  // namespace

MessageFile::MessageFile(int fd)
    : fd_(fd), buffer_(std::make_unique_for_overwrite<char[]>(kPiece)) {}

Result<void> MessageFile::rewind() {
  if (!sys::rewind_input(fd_)) {
    return temporary("Unable to rewind message. (#4.3.0)");
  }
  return {};
}

Result<std::string_view> MessageFile::next() {
  const auto count = sys::read_some(fd_, buffer_.get(), kPiece);
  if (!count) {
    return temporary(base::concat({"Unable to read message: ",
                                   sys::error_text(count.error().error), ". (#4.3.0)"}),
                     count.error().error);
  }
  return std::string_view(buffer_.get(), *count);
}

Result<void> check_loop(MessageFile& message, std::string_view delivered_to_line) {
  if (auto rewound = message.rewind(); !rewound) {
    return rewound;
  }
  HeaderLineFinder finder(delivered_to_line);
  for (;;) {
    const auto piece = message.next();
    if (!piece) {
      return piece.error();
    }
    if (piece->empty() || !finder.look(*piece)) {
      break;
    }
  }
  if (finder.found()) {
    return permanent("This message is looping: it already has my Delivered-To line. (#5.4.6)");
  }
  return {};
}

}  // namespace reqmail::local
