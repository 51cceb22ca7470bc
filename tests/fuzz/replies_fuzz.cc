// Any bytes as what servers say to us: replies of an SMTP server in pieces, the extensions and
// the mechanism in them, a challenge, and the answer of an ident server; and as a POP3 command.
// The pieces do not matter, and what a report or a trace field shows is bounded and has no
// control characters.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "net/ident.h"
#include "proto/pop3.h"
#include "proto/sasl_client.h"
#include "proto/smtp_extensions.h"
#include "proto/smtp_reply.h"

namespace {

using namespace reqmail;

void require(bool condition) {
  if (!condition) {
    std::abort();
  }
}

std::vector<proto::SmtpReply> replies(std::string_view text, std::size_t step) {
  proto::SmtpReplyParser parser;
  std::vector<proto::SmtpReply> found;
  for (std::size_t at = 0; at < text.size(); at += step) {
    std::string_view piece = text.substr(at, step);
    while (!piece.empty()) {
      const auto state = parser.feed(piece);
      if (state == proto::SmtpReplyParser::State::too_long) {
        return found;
      }
      if (state == proto::SmtpReplyParser::State::complete) {
        found.push_back(parser.take());
      }
    }
  }
  return found;
}

bool can_be_shown(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return c == '\t' || c == '\n' || (static_cast<unsigned char>(c) >= ' ' && c != '\x7f');
  });
}

void check_replies(std::string_view text) {
  constexpr std::size_t kPiece = 3;
  const auto whole = replies(text, text.size() + 1);
  const auto pieces = replies(text, kPiece);
  require(whole.size() == pieces.size());
  for (std::size_t i = 0; i < whole.size(); ++i) {
    const proto::SmtpReply& reply = whole[i];
    require(reply.code == pieces[i].code && reply.last_code == pieces[i].last_code &&
            reply.text == pieces[i].text);
    require(reply.code >= 0 && reply.code <= 999);
    require(reply.text.size() <= proto::kReplyTextMax && can_be_shown(reply.text));
    (void)proto::parse_extensions(reply.text);
  }
}

void check_challenge(std::string_view text) {
  const proto::SaslLogin login("user", "secret");
  for (const auto mechanism : {proto::SaslMechanism::plain, proto::SaslMechanism::login,
                               proto::SaslMechanism::cram_md5}) {
    proto::SaslClient client(mechanism, login);
    for (int round = 0; round < 3; ++round) {
      const auto answer = client.answer(text);
      require(!answer || answer->find_first_of("\r\n") == std::string::npos);
    }
  }
}

void check_ident(std::string_view text) {
  const std::string name = net::parse_ident(text);
  require(name.size() <= net::kIdentNameMax);
  require(name.find_first_of(std::string_view(" \t\r\0", 4)) == std::string::npos);
}

void check_pop3(std::string_view text) {
  proto::Pop3Mailbox mailbox({{"one", 1, false}, {"two", 2, false}});
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const auto step = mailbox.handle(text.substr(0, end));
    require(!step.retrieve ||
            (step.retrieve->index < 2 && !mailbox.deleted(step.retrieve->index)));
    require(step.quit || step.retrieve || step.reply.ends_with("\r\n"));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  check_replies(text);
  (void)proto::parse_extensions(text);
  check_challenge(text);
  check_ident(text);
  check_pop3(text);
  return 0;
}
