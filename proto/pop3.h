// POP3 (RFC 1939), the server's side: command lines, and the mailbox that qmail-pop3d serves as
// a state machine. Command lines in, replies and actions out. The login is in
// proto/pop3_login.h.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace reqmail::proto {

// The longest command line, line end excluded.
inline constexpr std::size_t kPop3CommandMax = std::size_t{128} << 10;

// A line without its LF: one CR at its end belongs to the line end, the verb ends at the first
// blank and is given in lower case, blanks before the argument are skipped.
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

// Send message number `index` (from 0) after "+OK": whole, or its header and so many lines of
// its body.
struct Pop3Retrieval {
  std::size_t index = 0;
  std::optional<std::uint64_t> body_lines;
};

struct Pop3Step {
  std::string reply;
  std::optional<Pop3Retrieval> retrieve;  // instead of a reply
  bool quit = false;                      // delete what is marked, say pop3_ok(), end
};

class Pop3Mailbox {
 public:
  explicit Pop3Mailbox(std::vector<Pop3Message> messages) : messages_(std::move(messages)) {}

  // A command line without its LF.
  Pop3Step handle(std::string_view line);

  [[nodiscard]] bool deleted(std::size_t index) const { return messages_[index].deleted; }

 private:
  enum class Listing { sizes, unique_ids };

  // The index of the message that an argument begins with, or else an error reply.
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

// --- messages on the wire ---

// Turns a stored message into what RETR and TOP send: LF as CR LF, dots at the beginning of a
// line doubled, after `body_lines` lines of the body (where set) nothing more, and at the end
// an empty line and the final dot.
class Pop3MessageWriter {
 public:
  explicit Pop3MessageWriter(std::optional<std::uint64_t> body_lines) : left_(body_lines) {}

  // Appends the wire form of the next bytes of the message.
  void feed(std::string_view bytes, std::string& wire);

  // No more of the message is wanted.
  [[nodiscard]] bool full() const { return !in_header_ && at_line_start_ && left_ == 0; }

  // Appends what ends the message.
  void finish(std::string& wire) const;

 private:
  std::optional<std::uint64_t> left_;
  bool in_header_ = true;
  bool at_line_start_ = true;
};

}  // namespace reqmail::proto
