// DNS messages (RFC 1035 section 4): makes queries and parses answers. This code does no input
// or output. Answers are not trusted, so nothing is read outside of the message.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace reqmail::net {

inline constexpr std::size_t kDnsMessageMax = 65535;
inline constexpr std::size_t kDnsNameMax = 255;
inline constexpr std::size_t kDnsLabelMax = 63;
// The size that a query offers for answers by UDP; it needs no fragments on usual paths. Larger
// answers come by TCP.
inline constexpr std::uint16_t kDnsUdpSize = 1232;

enum class DnsType : std::uint16_t {
  a = 1,
  cname = 5,
  ptr = 12,
  mx = 15,
  txt = 16,
  aaaa = 28,
  opt = 41,
  tlsa = 52
};

// A domain name in wire format. Names compare without regard to ASCII case.
class DnsName {
 public:
  // Makes the root.
  DnsName() : wire_(1, '\0') {}

  // Parses labels between dots; one dot at the end is allowed. Returns nullopt if the text
  // cannot be encoded: it is empty or too long, or has an empty label or one of more than 63
  // bytes. All bytes are allowed.
  static std::optional<DnsName> from_text(std::string_view text);

  [[nodiscard]] bool root() const { return wire_.size() == 1; }

  // Returns the labels with dots between them and none at the end, in lower case. The root is
  // ".". A dot or NUL inside a label becomes "?".
  [[nodiscard]] std::string text() const;

  [[nodiscard]] const std::string& wire() const { return wire_; }

  friend bool operator==(const DnsName& a, const DnsName& b);

 private:
  friend class DnsCursor;
  std::string wire_;
};

enum class DnsCode : std::uint8_t {
  no_error = 0,
  format_error = 1,
  server_failure = 2,
  no_such_name = 3
};

struct DnsRecord {
  DnsName owner;
  DnsType type = DnsType::a;
  // The bytes of the address, for A and AAAA.
  std::string address;
  // Only for MX.
  std::uint16_t preference = 0;
  // The target, for CNAME, PTR and MX.
  DnsName name;
  // For TXT: its strings, joined.
  std::string text;
  // For TLSA: the bytes of its data.
  std::string data;
};

struct DnsAnswer {
  DnsCode code = DnsCode::no_error;
  // The name server says that it has verified the answer (AD, RFC 4035 section 3.2.3).
  bool authenticated = false;
  // The records of class IN and of the types above, in the order of the answer section.
  std::vector<DnsRecord> records;
};

// Returns a recursive query, with EDNS0 (RFC 6891) if `edns` is true. `wants_verification`: the
// server is to say whether it has verified the answer (RFC 6840 section 5.7).
std::string dns_query(std::uint16_t id, const DnsName& name, DnsType type, bool edns,
                      bool wants_verification = false);

// The properties of a message that are known before its records are parsed.
struct DnsReplyHead {
  DnsCode code = DnsCode::no_error;
  // Whether the answer did not fit, so that it must be asked for by TCP.
  bool truncated = false;
};

// Returns the head of a reply to the query with this id, name and type; nullopt if the message
// is not a reply to it, and may come from somebody else. A reply without a question is accepted
// if it says that the query was not understood.
std::optional<DnsReplyHead> match_dns_reply(std::string_view message, std::uint16_t id,
                                            const DnsName& name, DnsType type);

// Parses an answer. Returns nullopt if it is malformed: it is too short, lacks records that it
// counts, has names that loop or leave the message, has data of a wrong length for its type, or
// is truncated after TCP. An answer without records must be valid to its last byte.
std::optional<DnsAnswer> parse_dns_answer(std::string_view message);

}  // namespace reqmail::net
