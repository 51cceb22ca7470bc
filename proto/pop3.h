// POP3 (RFC 1939), the server's side: the parser of command lines, and the mailbox of
// qmail-pop3d as a state machine that takes command lines and returns replies and actions.
// proto/pop3_login.h has the login.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace reqmail::proto {

// The longest command line in bytes, without its line end.
inline constexpr std::size_t kPop3CommandMax = std::size_t{128} << 10;

// A parsed command line. It comes without its LF; one CR at its end belongs to the line end.
// The verb ends at the first blank and is in lower case, and blanks before the argument are
// skipped.
struct Pop3Command {
  std::string verb;
  std::string_view argument;
};

Pop3Command parse_pop3_command(std::string_view line);

std::string pop3_ok(std::string_view text = {});
std::string pop3_error(std::string_view text);

struct Pop3Message {
  std::string unique_id;
  std::uint64_t size = 0;
  bool deleted = false;
};

// The action to send message number `index` (counted from 0) after "+OK": the whole message, or
// its header and `body_lines` lines of its body.
struct Pop3Retrieval {
  std::size_t index = 0;
  std::optional<std::uint64_t> body_lines;
};

struct Pop3Step {
  std::string reply;
  std::optional<Pop3Retrieval> retrieve;  // instead of a reply
  bool quit = false;                      // delete the marked messages, send pop3_ok() and end
};

class Pop3Mailbox {
 public:
  explicit Pop3Mailbox(std::vector<Pop3Message> messages) : messages_(std::move(messages)) {}

  // Takes a command line without its LF.
  Pop3Step handle(std::string_view line);

  [[nodiscard]] bool deleted(std::size_t index) const { return messages_[index].deleted; }

 private:
  enum class Listing { sizes, unique_ids };

  // The index of the message whose number an argument begins with, or else an error reply.
  struct Choice {
    std::size_t index = 0;
    std::string error;
  };

  [[nodiscard]] Choice choose(std::string_view argument) const;
  [[nodiscard]] std::string statistics() const;
  [[nodiscard]] std::string list(std::string_view argument, Listing listing) const;
  [[nodiscard]] std::string entry(std::size_t index, Listing listing) const;
  std::string remove(std::string_view argument);
  void reset();
  [[nodiscard]] Pop3Step retrieve(std::string_view argument) const;

  std::vector<Pop3Message> messages_;
  std::size_t last_ = 0;
};

// --- Messages on the wire ---

// Turns a stored message into the form that RETR and TOP send: each LF becomes CR LF, and a dot
// at the beginning of a line is doubled. If `body_lines` is set, the body ends after that many
// lines. An empty line and the final dot end the message.
class Pop3MessageWriter {
 public:
  explicit Pop3MessageWriter(std::optional<std::uint64_t> body_lines) : left_(body_lines) {}

  // Appends the wire form of the next bytes of the message.
  void feed(std::string_view bytes, std::string& wire);

  // Returns whether the rest of the message is not needed.
  [[nodiscard]] bool full() const { return !in_header_ && at_line_start_ && left_ == 0; }

  // Appends the end of the message.
  void finish(std::string& wire) const;

 private:
  std::optional<std::uint64_t> left_;
  bool in_header_ = true;
  bool at_line_start_ = true;
};

}  // namespace reqmail::proto
