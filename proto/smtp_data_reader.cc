#include "proto/smtp_data_reader.h"

namespace reqmail::proto {

std::size_t SmtpDataReader::feed(std::string_view bytes, std::string& message) {
  std::size_t used = 0;
  while (used < bytes.size() && state_ == SmtpDataState::more) {
    const char next = bytes[used];
    switch (at_) {
    case At::line_start:
      if (next == '.') {
        at_ = At::dot;
        ++used;
      } else {
        at_ = At::text;
      }
      break;
    case At::dot:
      used += take_after_dot(next);
      break;
    case At::dot_cr:
      used += take_after_dot_cr(next, message);
      break;
    case At::cr:
      used += take_after_cr(next, message);
      break;
    case At::text:
      used += take_text(bytes.substr(used), message);
      break;
    }
  }
  return used;
}

// The byte before `bytes` is not a CR. If the last byte of `bytes` is a CR, it is not appended
// yet, since it may begin a line end.
std::size_t SmtpDataReader::take_text(std::string_view bytes, std::string& message) {
  const std::size_t newline = bytes.find('\n');
  std::string_view run = bytes.substr(0, newline);
  const bool cr_at_end = run.ends_with('\r');
  if (cr_at_end) {
    run.remove_suffix(1);
  } else if (newline != std::string_view::npos) {
    refuse();
    return newline;
  }
  message.append(run);
  if (newline == std::string_view::npos) {
    if (cr_at_end) {
      at_ = At::cr;
    }
    return bytes.size();
  }
  end_line(message);
  return newline + 1;
}

// Takes the byte after a dot at the start of a line. The dot is dropped, unless the line may be
// the end of the data.
std::size_t SmtpDataReader::take_after_dot(char next) {
  if (next != '\r') {
    at_ = At::text;
    return 0;
  }
  at_ = At::dot_cr;
  return 1;
}

std::size_t SmtpDataReader::take_after_dot_cr(char next, std::string& message) {
  if (next == '\n') {
    state_ = SmtpDataState::ended;
    return 1;
  }
  // This is not the end. The dot is kept before a CR, as in qmail.
  message.append(".\r");
  if (next == '\r') {
    at_ = At::cr;
    return 1;
  }
  at_ = At::text;
  return 0;
}

std::size_t SmtpDataReader::take_after_cr(char next, std::string& message) {
  if (next == '\n') {
    end_line(message);
    return 1;
  }
  message.push_back('\r');
  if (next == '\r') {
    return 1;
  }
  at_ = At::text;
  return 0;
}

void SmtpDataReader::end_line(std::string& message) {
  message.push_back('\n');
  at_ = At::line_start;
}

}  // namespace reqmail::proto
