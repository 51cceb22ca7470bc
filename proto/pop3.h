// POP3 (RFC 1939), the server's side, as two state machines: the login that qmail-popup does,
// and the mailbox that qmail-pop3d serves. Command lines in, replies and actions out.
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

// --- before the login ---

// What a checker is given: for APOP `secret` is the digest.
struct Pop3Credentials {
  std::string user;
  std::string secret;
};

struct Pop3LoginStep {
  std::string reply;
  std::optional<Pop3Credentials> check;  // run the checker, then end
  bool quit = false;                     // send the reply, then end
  bool start_tls = false;                // no reply yet: prepare TLS, then say how that went
};

struct Pop3LoginPolicy {
  bool tls_required = false;  // no name and no password in clear
  bool secure = false;        // TLS is spoken already
};

class Pop3Login {
 public:
  explicit Pop3Login(const Pop3LoginPolicy& policy = {}) : policy_(policy) {}

  // A command line without its LF. `offers_tls`: whether STLS (RFC 2595) can be had now, for as
  // long as TLS is not spoken.
  Pop3LoginStep handle(std::string_view line, bool offers_tls = false);

  // The handshake is done: all that was said before is forgotten.
  void secured();

 private:
  [[nodiscard]] bool must_wait_for_tls() const {
    return policy_.tls_required && !policy_.secure;
  }

  [[nodiscard]] std::string capabilities(bool offers_tls) const;
  Pop3LoginStep user(std::string_view name);
  Pop3LoginStep pass(std::string_view secret);
  static Pop3LoginStep apop(std::string_view argument);

  Pop3LoginPolicy policy_;
  std::string user_;
};

// --- after the login ---

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
