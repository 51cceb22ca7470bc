#include "remote/handover_fields.h"

#include <limits>

#include "base/narrow.h"
#include "base/netstring.h"
#include "base/number.h"
#include "remote/tls_policy.h"

namespace reqmail::remote {

void FieldWriter::text(std::string_view value) {
  base::append_netstring(out_, value);
}

void FieldWriter::secrets(std::initializer_list<std::string_view> values) {
  constexpr std::size_t kFraming = base::kNetstringDigitsMax + 2;
  std::size_t size = out_.size();
  for (const std::string_view value : values) {
    size += value.size() + kFraming;
  }
  out_.reserve(size);
  for (const std::string_view value : values) {
    text(value);
  }
}

void FieldWriter::number(std::uint64_t value) {
  text(base::decimal(value));
}

void FieldWriter::texts(const std::vector<std::string>& values) {
  number(values.size());
  for (const std::string& value : values) {
    text(value);
  }
}

void FieldWriter::target(const Target& target) {
  text(target.name);
  text(target.address.text());
  flag(target.secure);
  text(target.canonical);
}

void FieldReader::fail() {
  sound_ = false;
  in_ = {};
}

std::string_view FieldReader::text() {
  const std::size_t colon = in_.find(':');
  const auto number = base::parse_u64(in_.substr(0, colon));
  const std::size_t left = colon == std::string_view::npos ? 0 : in_.size() - colon - 1;
  const std::size_t size = base::narrow<std::size_t>(number.value_or(left));
  if (!number || *number >= left || in_[colon + 1 + size] != ',') {
    fail();
    return {};
  }
  const std::string_view value = in_.substr(colon + 1, size);
  in_.remove_prefix(colon + 2 + size);
  return value;
}

std::uint64_t FieldReader::number(std::uint64_t most) {
  const auto value = base::parse_u64(text());
  sound_ = sound_ && value && *value <= most;
  return sound_ ? *value : 0;
}

// A count that is too large ends with the fields.
std::vector<std::string> FieldReader::texts() {
  std::vector<std::string> values;
  for (std::uint64_t left = number(std::numeric_limits<std::int64_t>::max());
       left > 0 && sound_; --left) {
    values.emplace_back(text());
  }
  return values;
}

Target FieldReader::target() {
  Target read;
  read.name = text();
  const auto address = base::IpAddress::parse(text());
  read.secure = flag();
  read.canonical = text();
  sound_ = sound_ && address && policy_name(read.name) == read.name &&
           policy_name(read.canonical) == read.canonical;
  if (!sound_) {
    return {};
  }
  read.address = *address;
  return read;
}

}  // namespace reqmail::remote
