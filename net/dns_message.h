// DNS messages (RFC 1035 section 4): queries made, answers taken apart. Pure: every byte of an
// answer is somebody else's, so nothing is read that the message does not hold.
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
// What a query says it can take by UDP: no fragments on any usual path. Larger answers come by
// TCP.
inline constexpr std::uint16_t kDnsUdpSize = 1232;

enum class DnsType : std::uint16_t {
  a = 1,
  cname = 5,
  ptr = 12,
  mx = 15,
  txt = 16,
  aaaa = 28,
  opt = 41
};

// A domain name as the wire has it. Names compare without regard to ASCII case.
class DnsName {
 public:
  // The root.
  DnsName() : wire_(1, '\0') {}

  // Labels between dots, one dot at the end allowed. Nothing where the text cannot be encoded:
  // it is empty, or has an empty label, or one of more than 63 bytes, or is too long. Bytes are
  // taken as they are.
  static std::optional<DnsName> from_text(std::string_view text);

  [[nodiscard]] bool root() const { return wire_.size() == 1; }

  // Labels with dots between them and none at the end, in lower case. The root is ".". A dot
  // or NUL inside a label becomes "?".
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
  // Of A and AAAA: the address.
  std::string address;
  // Of MX.
  std::uint16_t preference = 0;
  // Of CNAME, PTR, MX.
  DnsName name;
  // Of TXT: its strings, one after the other.
  std::string text;
};

struct DnsAnswer {
  DnsCode code = DnsCode::no_error;
  // The name server says that it has verified the answer (AD, RFC 4035 section 3.2.3).
  bool authenticated = false;
  // Records of class IN and of the types above, in the order of the answer section.
  std::vector<DnsRecord> records;
};

// A recursive query, with EDNS0 (RFC 6891) where `edns`.
std::string dns_query(std::uint16_t id, const DnsName& name, DnsType type, bool edns);

// What a message says about itself before its records are read.
struct DnsReplyHead {
  DnsCode code = DnsCode::no_error;
  // The rest did not fit, and is to be asked for by TCP.
  bool truncated = false;
};

// The head of a reply to the query with this id, name and type; absent if the message is no
// reply to it, as one that somebody else sent. A reply without a question counts where it says
// that the query was not understood.
std::optional<DnsReplyHead> match_dns_reply(std::string_view message, std::uint16_t id,
                                            const DnsName& name, DnsType type);

// An answer taken apart; nothing where it is malformed: cut short, counting records it does not
// have, names that loop or run out of it, data whose length is not what its type says, or
// truncated after TCP. An answer without records must be sound to its last byte.
std::optional<DnsAnswer> parse_dns_answer(std::string_view message);

}  // namespace reqmail::net
