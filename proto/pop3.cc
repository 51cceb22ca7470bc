#include "proto/pop3.h"

#include <algorithm>
#include <utility>

#include "base/ascii.h"
#include "base/number.h"
#include "base/text.h"

namespace reqmail::proto {

namespace {

std::string_view skip_blanks(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(' ');
  return begin == std::string_view::npos ? std::string_view() : text.substr(begin);
}

}  // namespace

Pop3Command parse_pop3_command(std::string_view line) {
  if (line.ends_with('\r')) {
    line.remove_suffix(1);
  }
  const std::size_t blank = line.find(' ');
  Pop3Command command{base::lower(line.substr(0, blank)), {}};
  if (blank != std::string_view::npos) {
    command.argument = skip_blanks(line.substr(blank));
  }
  return command;
}

std::string pop3_ok(std::string_view text) {
  return base::concat({"+OK ", text, "\r\n"});
}

std::string pop3_error(std::string_view text) {
  return base::concat({"-ERR ", text, "\r\n"});
}

Pop3Step Pop3Mailbox::handle(std::string_view line) {
  const Pop3Command command = parse_pop3_command(line);
  if (command.verb == "stat") {
    return {statistics(), {}, false};
  }
  if (command.verb == "list") {
    return {list(command.argument, Listing::sizes), {}, false};
  }
  if (command.verb == "uidl") {
    return {list(command.argument, Listing::unique_ids), {}, false};
  }
  if (command.verb == "retr" || command.verb == "top") {
    return retrieve(command.argument);
  }
  if (command.verb == "dele") {
    return {remove(command.argument), {}, false};
  }
  if (command.verb == "last") {
    return {pop3_ok(base::decimal(last_)), {}, false};
  }
  if (command.verb == "rset") {
    reset();
    return {pop3_ok(), {}, false};
  }
  if (command.verb == "noop") {
    return {pop3_ok(), {}, false};
  }
  if (command.verb == "capa") {
    return {pop3_ok() + "UIDL\r\nTOP\r\nPIPELINING\r\n.\r\n", {}, false};
  }
  if (command.verb == "quit") {
    return {{}, {}, true};
  }
  return {pop3_error("unimplemented"), {}, false};
}

Pop3Mailbox::Choice Pop3Mailbox::choose(std::string_view argument) const {
  const auto number = base::leading_number(argument);
  if (!number) {
    return {0, pop3_error("syntax error")};
  }
  if (*number == 0) {
    return {0, pop3_error("messages are counted from 1")};
  }
  if (*number > messages_.size()) {
    return {0, pop3_error("not that many messages")};
  }
  const auto index = static_cast<std::size_t>(*number) - 1;
  if (messages_[index].deleted) {
    return {0, pop3_error("already deleted")};
  }
  return {index, {}};
}

// The number counts all messages, but the size only those that are not deleted, as clients
// expect from qmail-pop3d.
std::string Pop3Mailbox::statistics() const {
  std::uint64_t total = 0;
  for (const Pop3Message& message : messages_) {
    total += message.deleted ? 0 : message.size;
  }
  return pop3_ok(base::concat({base::decimal(messages_.size()), " ", base::decimal(total)}));
}

std::string Pop3Mailbox::list(std::string_view argument, Listing listing) const {
  if (!argument.empty()) {
    const Choice choice = choose(argument);
    return choice.error.empty() ? base::concat({"+OK ", entry(choice.index, listing)})
                                : choice.error;
  }
  std::string lines = pop3_ok();
  for (std::size_t index = 0; index < messages_.size(); ++index) {
    if (!messages_[index].deleted) {
      lines += entry(index, listing);
    }
  }
  return lines + ".\r\n";
}

std::string Pop3Mailbox::entry(std::size_t index, Listing listing) const {
  const Pop3Message& message = messages_[index];
  return base::concat(
      {base::decimal(index + 1), " ",
       listing == Listing::sizes ? base::decimal(message.size) : message.unique_id, "\r\n"});
}

std::string Pop3Mailbox::remove(std::string_view argument) {
  const Choice choice = choose(argument);
  if (!choice.error.empty()) {
    return choice.error;
  }
  messages_[choice.index].deleted = true;
  last_ = std::max(last_, choice.index + 1);
  return pop3_ok();
}

void Pop3Mailbox::reset() {
  for (Pop3Message& message : messages_) {
    message.deleted = false;
  }
  last_ = 0;
}

// RETR and TOP do the same: a second number limits the lines of the body after either.
Pop3Step Pop3Mailbox::retrieve(std::string_view argument) const {
  const Choice choice = choose(argument);
  if (!choice.error.empty()) {
    return {choice.error, {}, false};
  }
  argument.remove_prefix(base::leading_digits(argument));
  return {{}, Pop3Retrieval{choice.index, base::leading_number(skip_blanks(argument))}, false};
}

// --- Messages on the wire ---

void Pop3MessageWriter::feed(std::string_view bytes, std::string& wire) {
  while (!bytes.empty() && !full()) {
    const std::size_t newline = bytes.find('\n');
    const std::string_view piece = bytes.substr(0, newline);
    const bool empty_line = at_line_start_ && newline == 0;
    if (at_line_start_ && piece.starts_with('.')) {
      wire.push_back('.');
    }
    wire.append(piece);
    if (newline == std::string_view::npos) {
      at_line_start_ = false;
      return;
    }
    wire.append("\r\n");
    at_line_start_ = true;
    if (!in_header_ && left_) {
      --*left_;
    }
    in_header_ = in_header_ && !empty_line;
    bytes.remove_prefix(newline + 1);
  }
}

void Pop3MessageWriter::finish(std::string& wire) const {
  if (!at_line_start_) {
    wire.append("\r\n");
  }
  wire.append("\r\n.\r\n");
}

}  // namespace reqmail::proto
