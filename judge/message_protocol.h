// What qmail-smtpd and qmail-mailauth say to each other about a message: a beginning, pieces of
// the message, and the end, which is answered (judge/protocol.h has the rest).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "judge/protocol.h"

namespace reqmail::judge {

// A piece is cut into frames of at most so many bytes.
inline constexpr std::size_t kPieceMax = std::size_t{64} << 10;

// The strictest policy of DMARC that this host carries out.
enum class DmarcMode : std::uint8_t { off, none, quarantine, reject };

struct MessageRequest {
  // DKIM and ARC are judged in any case.
  DmarcMode dmarc = DmarcMode::off;
  bool exempt = false;                       // the client or the sender is spared
  std::vector<std::string> exempt_authors;   // their domains
  std::vector<std::string> trusted_sealers;  // arctrusted
};

// What DMARC says to do.
enum class DmarcAdvice : std::uint8_t {
  accept,
  quarantine,
  reject,
  no_author,         // the message has no single author domain
  malformed_author,  // its From field is malformed
  unknown,           // the policy, or all that could pass, could not be looked up
};

struct MessageAnswer {
  std::vector<std::string> results;  // in the words of Authentication-Results
  // For the log; empty: not judged.
  std::string dkim = "temperror";
  std::string arc = "temperror";
  std::string dmarc;
  DmarcAdvice advice = DmarcAdvice::unknown;
  std::string policy_domain;
  // For control/dmarc's reports, with its line feed; empty if nobody wants any.
  std::string line;
};

std::string encode(const MessageRequest& request);
std::string encode_piece(std::string_view piece);
std::string encode_end();
std::string encode_give_up();
std::string encode(const MessageAnswer& answer);

// Of a frame's content. Nullopt: it is no such frame.
std::optional<MessageRequest> decode_message_request(std::string_view content);
std::optional<std::string> decode_piece(std::string_view content);
std::optional<MessageAnswer> decode_message_answer(std::string_view content);

}  // namespace reqmail::judge
