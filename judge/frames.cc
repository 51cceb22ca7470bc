#include "judge/frames.h"

#include "base/narrow.h"
#include "base/number.h"
#include "base/terminal_text.h"

namespace reqmail::judge {

namespace {

// Where the content of a netstring is.
struct Netstring {
  enum class State { complete, more, broken };

  State state = State::more;
  std::size_t begin = 0;
  std::size_t length = 0;

  // The bytes of the whole netstring, of which the comma is the last.
  [[nodiscard]] std::size_t size() const { return begin + length + 1; }
};

Netstring find_netstring(std::string_view bytes) {
  using State = base::NetstringLength::State;
  base::NetstringLength length(kFrameMax);
  Netstring found;
  while (found.begin < bytes.size()) {
    const State state = length.feed(bytes[found.begin++]);
    if (state == State::more) {
      continue;
    }
    found.length = base::narrow<std::size_t>(length.length());
    if (state != State::complete) {
      found.state = Netstring::State::broken;
    } else if (bytes.size() >= found.size()) {
      const bool ended = bytes[found.size() - 1] == ',';
      found.state = ended ? Netstring::State::complete : Netstring::State::broken;
    }
    return found;
  }
  return found;
}

}  // namespace

FrameWriter& FrameWriter::text(std::string_view value) {
  base::append_netstring(content_, value);
  return *this;
}

FrameWriter& FrameWriter::number(std::uint64_t value) {
  return text(base::decimal(value));
}

FrameWriter& FrameWriter::flag(bool value) {
  return number(value ? 1 : 0);
}

FrameWriter& FrameWriter::texts(const std::vector<std::string>& values) {
  number(values.size());
  for (const std::string& value : values) {
    text(value);
  }
  return *this;
}

std::string FrameWriter::frame() const {
  std::string frame;
  base::append_netstring(frame, content_);
  return frame;
}

FrameReader::FrameReader(std::string_view content) : rest_(content), ok_(!content.empty()) {
  if (ok_) {
    letter_ = rest_.front();
    rest_.remove_prefix(1);
  }
}

std::string_view FrameReader::field() {
  const Netstring found = ok_ ? find_netstring(rest_) : Netstring();
  ok_ = found.state == Netstring::State::complete;
  if (!ok_) {
    return {};
  }
  const std::string_view value = rest_.substr(found.begin, found.length);
  rest_.remove_prefix(found.size());
  return value;
}

std::string FrameReader::text(std::size_t max) {
  return std::string(field().substr(0, max));
}

std::string FrameReader::shown_text(std::size_t max) {
  return base::terminal_safe(text(max), '?');
}

std::uint64_t FrameReader::number() {
  const auto value = base::parse_u64(field());
  ok_ = ok_ && value;
  return ok_ ? *value : 0;
}

std::uint64_t FrameReader::number_up_to(std::uint64_t last) {
  const std::uint64_t value = number();
  ok_ = ok_ && value <= last;
  return ok_ ? value : 0;
}

std::vector<std::string> FrameReader::texts(std::size_t count, std::size_t max) {
  std::vector<std::string> values;
  for (std::uint64_t left = number(); left > 0 && ok_; --left) {
    std::string value = text(max);
    if (values.size() < count) {
      values.push_back(std::move(value));
    }
  }
  return values;
}

void FrameSplitter::feed(std::string_view bytes) {
  buffer_.erase(0, begin_);
  begin_ = 0;
  buffer_.append(bytes);
}

std::optional<std::string_view> FrameSplitter::next() {
  const std::string_view rest = std::string_view(buffer_).substr(begin_);
  const Netstring found = find_netstring(rest);
  broken_ = broken_ || found.state == Netstring::State::broken;
  if (broken_ || found.state != Netstring::State::complete) {
    return std::nullopt;
  }
  begin_ += found.size();
  return rest.substr(found.begin, found.length);
}

}  // namespace reqmail::judge
