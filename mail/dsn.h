// What a sender wants to be told about a message (RFC 3461): the parameters RET and ENVID of
// MAIL, NOTIFY and ORCPT of RCPT, and the text in which they go to the queue program (QMAILDSN)
// and stay beside the message (queue/mess/S/N.dsn).
//
// The first line of the text has the parameters of MAIL, separated by a blank; each further
// line those of a recipient, a tab, and the recipient's address as it is in the envelope:
//
//   RET=HDRS ENVID=QQ314
//   NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;bob@example.org<TAB>bob@example.org
//
// A missing parameter is left out; each line ends in a line feed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace reqmail::mail {

// The longest text. It is the value of an environment variable, which the kernel limits to
// 128 KiB.
inline constexpr std::size_t kDsnTextMax = std::size_t{96} << 10;

// The longest ENVID and ORCPT (RFC 3461 section 5.4), in the form of the command.
inline constexpr std::size_t kEnvelopeIdMax = 100;
inline constexpr std::size_t kOriginalRecipientMax = 500;

// How much of a message a report of a failure returns.
enum class DsnReturn : std::uint8_t { unsaid, full, headers };

// Of what a sender wants to be told for a recipient. Nothing of the three is NEVER.
struct DsnNotify {
  bool success = false;
  bool failure = false;
  bool delay = false;

  friend bool operator==(const DsnNotify&, const DsnNotify&) = default;
};

struct DsnRecipient {
  std::string address;
  // nullopt: not said, so failures are reported.
  std::optional<DsnNotify> notify;
  // ORCPT: a type, ';', and an address in xtext; empty if not said.
  std::string original;

  [[nodiscard]] bool says_something() const { return notify || !original.empty(); }
};

struct DsnRequest {
  DsnReturn returns = DsnReturn::unsaid;
  // ENVID in xtext; empty if not said.
  std::string envelope_id;
  std::vector<DsnRecipient> recipients;

  [[nodiscard]] bool empty() const {
    return returns == DsnReturn::unsaid && envelope_id.empty() && recipients.empty();
  }

  // Returns the parameters of a recipient; null if there are none.
  [[nodiscard]] const DsnRecipient* find(std::string_view address) const;
};

// Returns the bytes that an xtext stands for (RFC 3461 section 4); nullopt if it is none. The
// result may have any bytes.
std::optional<std::string> decode_xtext(std::string_view text);

// These parse the values of parameters; nullopt means that they are malformed. Keywords count
// in any case.
std::optional<DsnReturn> parse_dsn_return(std::string_view value);
std::optional<DsnNotify> parse_dsn_notify(std::string_view value);
bool is_envelope_id(std::string_view value);
bool is_original_recipient(std::string_view value);

// Return the parameters as a command has them: " RET=HDRS ENVID=QQ314" and " NOTIFY=NEVER";
// each begins with a blank, and the whole is empty if there are none.
std::string dsn_mail_parameters(const DsnRequest& request);
std::string dsn_rcpt_parameters(const DsnRecipient& recipient);

// Returns the number of bytes that a recipient takes in the text.
std::size_t dsn_size(const DsnRecipient& recipient);

// Returns the text of a request.
std::string dsn_text(const DsnRequest& request);

// Returns nullopt if a line is malformed or the text is too long.
std::optional<DsnRequest> parse_dsn_text(std::string_view text);

}  // namespace reqmail::mail
