#include "net/dns_message.h"

#include <algorithm>

#include "base/ascii.h"
#include "base/text.h"

namespace reqmail::net {

namespace {

constexpr std::uint16_t kClassInternet = 1;
constexpr std::uint16_t kFlagResponse = 0x8000;
constexpr std::uint16_t kFlagTruncated = 0x0200;
constexpr std::uint16_t kFlagRecursionDesired = 0x0100;
constexpr std::uint16_t kFlagAuthenticData = 0x0020;
constexpr std::uint16_t kCodeBits = 0xf;
constexpr unsigned kPointerBits = 0xc0;

void append_u16(std::string& out, unsigned value) {
  out.push_back(static_cast<char>(value >> 8 & 0xff));
  out.push_back(static_cast<char>(value & 0xff));
}

}  // namespace

// A position in a message. Every step returns whether the message had the bytes it needs.
class DnsCursor {
 public:
  explicit DnsCursor(std::string_view message) : message_(message) {}

  [[nodiscard]] std::size_t position() const { return at_; }

  [[nodiscard]] bool at_end() const { return at_ == message_.size(); }

  bool u16(std::uint16_t& value) {
    if (message_.size() - at_ < 2) {
      return false;
    }
    value = static_cast<std::uint16_t>(byte(at_) << 8 | byte(at_ + 1));
    at_ += 2;
    return true;
  }

  bool bytes(std::size_t count, std::string_view& taken) {
    if (message_.size() - at_ < count) {
      return false;
    }
    taken = message_.substr(at_, count);
    at_ += count;
    return true;
  }

  bool skip(std::size_t count) {
    std::string_view ignored;
    return bytes(count, ignored);
  }

  // Reads a name, compressed or not. Each pointer must lead to an earlier position than the last
  // one, so that no loop is possible.
  bool name(DnsName& result) {
    std::string wire;
    std::size_t read = at_;
    std::size_t earliest = at_;
    bool jumped = false;
    for (;;) {
      if (read >= message_.size()) {
        return false;
      }
      const unsigned length = byte(read);
      if ((length & kPointerBits) == kPointerBits) {
        if (message_.size() - read < 2) {
          return false;
        }
        const std::size_t target = (length & ~kPointerBits) << 8 | byte(read + 1);
        if (!jumped) {
          at_ = read + 2;
          jumped = true;
        }
        if (target >= earliest) {
          return false;
        }
        earliest = read = target;
        continue;
      }
      if (length > kDnsLabelMax || message_.size() - read < length + 1 ||
          wire.size() + length + 1 > kDnsNameMax) {
        return false;
      }
      wire.append(message_.substr(read, length + 1));
      read += length + 1;
      if (length == 0) {
        break;
      }
    }
    if (!jumped) {
      at_ = read;
    }
    result.wire_ = std::move(wire);
    return true;
  }

 private:
  [[nodiscard]] unsigned byte(std::size_t at) const {
    return static_cast<unsigned char>(message_[at]);
  }

  std::string_view message_;
  std::size_t at_ = 0;
};

namespace {

enum class Use { record, skipped, malformed };

// Reads the strings of a TXT record, each of which follows its length.
bool read_strings(DnsCursor& cursor, std::size_t end, std::string& text) {
  while (cursor.position() < end) {
    std::string_view length;
    std::string_view string;
    if (!cursor.bytes(1, length) ||
        !cursor.bytes(static_cast<unsigned char>(length.front()), string)) {
      return false;
    }
    text.append(string);
  }
  return true;
}

// Reads the data of a record of a known type.
Use read_data(DnsCursor& cursor, DnsType type, std::size_t length, DnsRecord& record) {
  const std::size_t end = cursor.position() + length;
  std::string_view bytes;
  bool sound = true;
  switch (type) {
  case DnsType::a:
  case DnsType::aaaa:
    sound = length == (type == DnsType::a ? 4U : 16U) && cursor.bytes(length, bytes);
    record.address = bytes;
    break;
  case DnsType::mx:
    sound = cursor.u16(record.preference) && cursor.name(record.name);
    break;
  case DnsType::cname:
  case DnsType::ptr:
    sound = cursor.name(record.name);
    break;
  case DnsType::txt:
    sound = read_strings(cursor, end, record.text);
    break;
  case DnsType::tlsa:
    sound = cursor.bytes(length, bytes);
    record.data = bytes;
    break;
  case DnsType::opt:
    return cursor.skip(length) ? Use::skipped : Use::malformed;
  }
  return sound && cursor.position() == end ? Use::record : Use::malformed;
}

bool known_type(std::uint16_t type) {
  for (const DnsType known : {DnsType::a, DnsType::cname, DnsType::ptr, DnsType::mx,
                              DnsType::txt, DnsType::aaaa, DnsType::tlsa}) {
    if (type == static_cast<std::uint16_t>(known)) {
      return true;
    }
  }
  return false;
}

Use read_record(DnsCursor& cursor, DnsRecord& record) {
  std::uint16_t type = 0;
  std::uint16_t record_class = 0;
  std::uint16_t length = 0;
  constexpr std::size_t kTimeToLive = 4;
  if (!cursor.name(record.owner) || !cursor.u16(type) || !cursor.u16(record_class) ||
      !cursor.skip(kTimeToLive) || !cursor.u16(length)) {
    return Use::malformed;
  }
  if (record_class != kClassInternet || !known_type(type)) {
    return cursor.skip(length) ? Use::skipped : Use::malformed;
  }
  record.type = static_cast<DnsType>(type);
  return read_data(cursor, record.type, length, record);
}

bool skip_records(DnsCursor& cursor, unsigned count) {
  for (; count > 0; --count) {
    DnsRecord record;
    if (read_record(cursor, record) == Use::malformed) {
      return false;
    }
  }
  return true;
}

bool skip_questions(DnsCursor& cursor, unsigned count) {
  for (; count > 0; --count) {
    DnsName name;
    if (!cursor.name(name) || !cursor.skip(4)) {
      return false;
    }
  }
  return true;
}

}  // namespace

std::optional<DnsName> DnsName::from_text(std::string_view text) {
  if (!text.empty() && text.back() == '.') {
    text.remove_suffix(1);
  }
  DnsName name;
  name.wire_.clear();
  for (const std::string_view label : base::split(text, '.')) {
    if (label.empty() || label.size() > kDnsLabelMax) {
      return std::nullopt;
    }
    name.wire_.push_back(static_cast<char>(label.size()));
    name.wire_.append(label);
  }
  name.wire_.push_back('\0');
  if (name.wire_.size() > kDnsNameMax) {
    return std::nullopt;
  }
  return name;
}

std::string DnsName::text() const {
  if (root()) {
    return ".";
  }
  std::string text;
  for (std::size_t at = 0; wire_[at] != '\0';) {
    const auto length = static_cast<unsigned char>(wire_[at]);
    if (!text.empty()) {
      text.push_back('.');
    }
    for (const char c : std::string_view(wire_).substr(at + 1, length)) {
      text.push_back(c == '.' || c == '\0' ? '?' : base::to_lower(c));
    }
    at += length + 1U;
  }
  return text;
}

bool operator==(const DnsName& a, const DnsName& b) {
  // Lengths of labels are below 'A', so lower-casing the whole name does not change them.
  return base::equal_ci(a.wire_, b.wire_);
}

std::string dns_query(std::uint16_t id, const DnsName& name, DnsType type, bool edns,
                      bool wants_verification) {
  std::string query;
  append_u16(query, id);
  append_u16(query, kFlagRecursionDesired | (wants_verification ? kFlagAuthenticData : 0U));
  append_u16(query, 1);
  append_u16(query, 0);
  append_u16(query, 0);
  append_u16(query, edns ? 1 : 0);
  query.append(name.wire());
  append_u16(query, static_cast<unsigned>(type));
  append_u16(query, kClassInternet);
  if (edns) {
    query.push_back('\0');
    append_u16(query, static_cast<unsigned>(DnsType::opt));
    append_u16(query, kDnsUdpSize);
    query.append(4, '\0');
    append_u16(query, 0);
  }
  return query;
}

std::optional<DnsReplyHead> match_dns_reply(std::string_view message, std::uint16_t id,
                                            const DnsName& name, DnsType type) {
  DnsCursor cursor(message);
  std::uint16_t its_id = 0;
  std::uint16_t flags = 0;
  std::uint16_t questions = 0;
  constexpr std::size_t kOtherCounts = 6;
  if (!cursor.u16(its_id) || !cursor.u16(flags) || !cursor.u16(questions) ||
      !cursor.skip(kOtherCounts) || its_id != id || (flags & kFlagResponse) == 0) {
    return std::nullopt;
  }
  const DnsReplyHead head{static_cast<DnsCode>(flags & kCodeBits),
                          (flags & kFlagTruncated) != 0};
  if (questions == 0) {
    return head.code == DnsCode::format_error ? std::optional(head) : std::nullopt;
  }
  DnsName its_name;
  std::uint16_t its_type = 0;
  std::uint16_t its_class = 0;
  if (questions != 1 || !cursor.name(its_name) || !cursor.u16(its_type) ||
      !cursor.u16(its_class) || its_name != name ||
      its_type != static_cast<std::uint16_t>(type) || its_class != kClassInternet) {
    return std::nullopt;
  }
  return head;
}

std::optional<DnsAnswer> parse_dns_answer(std::string_view message) {
  DnsCursor cursor(message);
  std::uint16_t id = 0;
  std::uint16_t flags = 0;
  std::uint16_t questions = 0;
  std::uint16_t answers = 0;
  std::uint16_t authorities = 0;
  std::uint16_t additional = 0;
  if (!cursor.u16(id) || !cursor.u16(flags) || !cursor.u16(questions) || !cursor.u16(answers) ||
      !cursor.u16(authorities) || !cursor.u16(additional)) {
    return std::nullopt;
  }
  DnsAnswer answer;
  answer.code = static_cast<DnsCode>(flags & kCodeBits);
  answer.authenticated = (flags & kFlagAuthenticData) != 0;
  if ((flags & kFlagResponse) == 0 || (flags & kFlagTruncated) != 0 ||
      !skip_questions(cursor, questions)) {
    return std::nullopt;
  }
  for (unsigned i = 0; i < answers; ++i) {
    DnsRecord record;
    const Use use = read_record(cursor, record);
    if (use == Use::malformed) {
      return std::nullopt;
    }
    if (use == Use::record) {
      answer.records.push_back(std::move(record));
    }
  }
  // A negative answer bounces mail, so all its parts must be valid.
  if (answers == 0 && (!skip_records(cursor, authorities + additional) || !cursor.at_end())) {
    return std::nullopt;
  }
  return answer;
}

}  // namespace reqmail::net
