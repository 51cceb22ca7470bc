#include "proto/smtp_reply.h"

#include <utility>

#include "base/ascii.h"

namespace reqmail::proto {

namespace {

constexpr std::size_t kCodeLength = 3;

bool is_control(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte < 32 || byte == 127;
}

int parse_code(std::string_view line) {
  int code = 0;
  for (std::size_t i = 0; i < kCodeLength; ++i) {
    if (i >= line.size() || !base::is_digit(line[i])) {
      return 0;
    }
    code = code * 10 + (line[i] - '0');
  }
  return code;
}

}  // namespace

void SmtpReplyParser::take_byte(char c) {
  ++total_;
  ++line_;
  // Keeps the code and the sign after it.
  if (start_.size() <= kCodeLength) {
    start_.push_back(c);
  }
  if (c != '\r' && reply_.text.size() < kReplyTextMax) {
    reply_.text.push_back(is_control(c) && c != '\t' && c != '\n' ? '?' : c);
  }
}

SmtpReplyParser::State SmtpReplyParser::feed(std::string_view& input) {
  while (!input.empty()) {
    const char c = input.front();
    input.remove_prefix(1);
    take_byte(c);
    if (line_ > kReplyLineMax || total_ > kReplyMax) {
      return State::too_long;
    }
    if (c != '\n') {
      continue;
    }
    reply_.last_code = parse_code(start_);
    if (first_line_) {
      reply_.code = reply_.last_code;
      first_line_ = false;
    }
    const bool last = start_.size() <= kCodeLength || start_[kCodeLength] != '-';
    start_.clear();
    line_ = 0;
    if (last) {
      return State::complete;
    }
  }
  return State::more;
}

SmtpReply SmtpReplyParser::take() {
  SmtpReply reply = std::move(reply_);
  // Of a line without an end the code counts too.
  if (!start_.empty()) {
    reply.last_code = parse_code(start_);
    reply.code = first_line_ ? reply.last_code : reply.code;
  }
  *this = SmtpReplyParser();
  return reply;
}

}  // namespace reqmail::proto
