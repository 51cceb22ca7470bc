#include "proto/mail_frames.h"

#include <algorithm>

#include "mail/address.h"

namespace reqmail::proto {

namespace {

using Kind = FrameEvent::Kind;

constexpr FrameEvent kMore{};
constexpr FrameEvent kMalformed{Kind::malformed, {}, false};

}  // namespace

MailFrameParser::MailFrameParser(Protocol protocol) : protocol_(protocol), length_(kFrameMax) {
  start_package();
}

void MailFrameParser::start_package() {
  in_container_ = false;
  field_ = Field::message;
  start_length(protocol_ == Protocol::qmtp ? State::field_length : State::container_length);
}

void MailFrameParser::start_length(State state) {
  state_ = state;
  length_ = base::NetstringLength(kFrameMax);
}

// Takes one byte that does not belong to the body of a field.
bool MailFrameParser::take_byte(std::string_view& input, char& byte) {
  byte = input.front();
  input.remove_prefix(1);
  if (in_container_) {
    if (container_left_ == 0) {
      return false;
    }
    --container_left_;
  }
  return true;
}

FrameEvent MailFrameParser::take_length(std::string_view& input) {
  char byte = 0;
  if (!take_byte(input, byte)) {
    return kMalformed;
  }
  switch (length_.feed(byte)) {
  case base::NetstringLength::State::more:
    return kMore;
  case base::NetstringLength::State::complete:
    return after_length();
  case base::NetstringLength::State::malformed:
    return kMalformed;
  case base::NetstringLength::State::too_large:
    break;
  }
  return FrameEvent{Kind::too_large, {}, false};
}

FrameEvent MailFrameParser::after_length() {
  if (state_ == State::container_length) {
    in_container_ = true;
    container_left_ = length_.length();
    return next_in_container();
  }
  body_left_ = length_.length();
  // The comma after the field is part of the container too.
  if (in_container_ && body_left_ + 1 > container_left_) {
    return kMalformed;
  }
  held_cr_ = crlf_lines_ = unfit_ = too_long_ = false;
  address_.clear();
  if (field_ != Field::message) {
    state_ = body_left_ > 0 ? State::body : State::body_end;
    return kMore;
  }
  if (protocol_ == Protocol::qmtp) {
    state_ = State::line_format;
    return body_left_ > 0 ? kMore : kMalformed;
  }
  state_ = body_left_ > 0 ? State::body : State::body_end;
  return FrameEvent{Kind::message_start, {}, false};
}

FrameEvent MailFrameParser::take_line_format(std::string_view& input) {
  const char format = input.front();
  input.remove_prefix(1);
  if (format != '\n' && format != '\r') {
    return kMalformed;
  }
  crlf_lines_ = format == '\r';
  --body_left_;
  state_ = body_left_ > 0 ? State::body : State::body_end;
  return FrameEvent{Kind::message_start, {}, false};
}

FrameEvent MailFrameParser::take_body(std::string_view& input) {
  const auto count =
      static_cast<std::size_t>(std::min<std::uint64_t>(body_left_, input.size()));
  const std::string_view bytes = input.substr(0, count);
  input.remove_prefix(count);
  body_left_ -= count;
  if (in_container_) {
    container_left_ -= count;
  }
  if (body_left_ == 0) {
    state_ = State::body_end;
  }
  return field_ == Field::message ? take_message(bytes) : take_address(bytes);
}

// A CR before LF is part of the line end; any other CR is kept, even if it is the last byte.
FrameEvent MailFrameParser::take_message(std::string_view bytes) {
  if (!crlf_lines_) {
    return FrameEvent{Kind::message_bytes, bytes, false};
  }
  decoded_.clear();
  for (const char c : bytes) {
    if (held_cr_ && c != '\n') {
      decoded_.push_back('\r');
    }
    held_cr_ = c == '\r';
    if (!held_cr_) {
      decoded_.push_back(c);
    }
  }
  return FrameEvent{Kind::message_bytes, decoded_, false};
}

FrameEvent MailFrameParser::take_address(std::string_view bytes) {
  too_long_ = too_long_ || address_.size() + bytes.size() >= kFrameAddressMax;
  unfit_ = unfit_ || too_long_ || mail::has_control_character(bytes);
  if (too_long_) {
    address_.clear();
  } else {
    address_.append(bytes);
  }
  return kMore;
}

FrameEvent MailFrameParser::end_body() {
  state_ = State::comma;
  switch (field_) {
  case Field::message:
    return FrameEvent{Kind::message_bytes, held_cr_ ? "\r" : "", false};
  case Field::sender:
    return FrameEvent{Kind::sender, address_, unfit_};
  case Field::recipient:
    break;
  }
  return FrameEvent{Kind::recipient, address_, unfit_};
}

FrameEvent MailFrameParser::take_comma(std::string_view& input) {
  char byte = 0;
  if (!take_byte(input, byte) || byte != ',') {
    return kMalformed;
  }
  return after_comma();
}

FrameEvent MailFrameParser::after_comma() {
  if (field_ == Field::message) {
    field_ = Field::sender;
  } else if (field_ == Field::sender) {
    field_ = Field::recipient;
    if (!in_container_) {
      start_length(State::container_length);
      return kMore;
    }
  }
  if (in_container_) {
    return next_in_container();
  }
  start_length(State::field_length);
  return kMore;
}

// Begins the next field, or ends the container, which is allowed once the recipients have
// begun.
FrameEvent MailFrameParser::next_in_container() {
  if (container_left_ > 0) {
    start_length(State::field_length);
    return kMore;
  }
  in_container_ = false;
  state_ = State::container_comma;
  return field_ == Field::recipient ? kMore : kMalformed;
}

FrameEvent MailFrameParser::next(std::string_view& input) {
  for (;;) {
    FrameEvent event;
    if (state_ == State::body_end) {
      return end_body();
    }
    if (input.empty()) {
      return kMore;
    }
    switch (state_) {
    case State::container_length:
    case State::field_length:
      event = take_length(input);
      break;
    case State::line_format:
      event = take_line_format(input);
      break;
    case State::body:
      event = take_body(input);
      break;
    case State::body_end:
      break;
    case State::comma:
      event = take_comma(input);
      break;
    case State::container_comma:
      if (input.front() != ',') {
        return kMalformed;
      }
      input.remove_prefix(1);
      start_package();
      return FrameEvent{Kind::package_end, {}, false};
    }
    if (event.kind != Kind::more) {
      return event;
    }
  }
}

}  // namespace reqmail::proto
