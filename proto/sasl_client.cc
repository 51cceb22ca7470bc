#include "proto/sasl_client.h"

#include <utility>

#include "base/ascii.h"
#include "base/base64.h"
#include "base/md5.h"
#include "base/text.h"

namespace reqmail::proto {

namespace {

// The limit of RFC 5321 section 4.5.3.1.4, without CR LF.
constexpr std::size_t kCommandMax = 510;
constexpr std::string_view kHidden = "***";

bool is_word(char c) {
  return base::is_letter(c) || base::is_digit(c);
}

bool is_whole_word(std::string_view text, std::size_t at, std::size_t size) {
  return (at == 0 || !is_word(text[at - 1])) &&
         (at + size >= text.size() || !is_word(text[at + size]));
}

void hide(std::string& text, std::string_view word, bool only_whole_words) {
  if (word.empty()) {
    return;
  }
  std::string lower = base::lower(text);
  const std::string wanted = base::lower(word);
  for (std::size_t at = lower.find(wanted); at != std::string::npos;
       at = lower.find(wanted, at)) {
    if (only_whole_words && !is_whole_word(text, at, word.size())) {
      ++at;
      continue;
    }
    text.replace(at, word.size(), kHidden);
    lower.replace(at, word.size(), kHidden);
    at += kHidden.size();
  }
}

std::string plain_response(const SaslLogin& login) {
  std::string clear = base::concat(
      {std::string_view("\0", 1), login.user, std::string_view("\0", 1), login.password});
  std::string encoded = base::encode_base64(clear);
  base::wipe(clear);
  return encoded;
}

}  // namespace

std::optional<SaslMechanism> sasl_mechanism(std::string_view name) {
  for (const SaslMechanism mechanism :
       {SaslMechanism::cram_md5, SaslMechanism::plain, SaslMechanism::login}) {
    if (base::equal_ci(name, sasl_name(mechanism))) {
      return mechanism;
    }
  }
  return std::nullopt;
}

std::string hide_login(std::string text, const SaslLogin& login) {
  std::string made = plain_response(login);
  hide(text, made, false);
  base::wipe(made);
  for (const std::string* part : {&login.password, &login.user}) {
    made = base::encode_base64(*part);
    hide(text, made, false);
    base::wipe(made);
  }
  hide(text, login.password, false);
  hide(text, login.user, true);
  return text;
}

std::string SaslClient::plain() const {
  return plain_response(login_);
}

std::string_view SaslClient::name() const {
  return sasl_protocol_name(mechanism_);
}

std::string SaslClient::command() const {
  std::string line = base::concat({"AUTH ", name()});
  if (mechanism_ != SaslMechanism::plain) {
    return line;
  }
  std::string response = plain();
  if (line.size() + 1 + response.size() <= kCommandMax) {
    line = base::concat({line, " ", response});
  }
  base::wipe(response);
  return line;
}

std::optional<std::string> SaslClient::answer(std::string_view challenge) {
  const unsigned turn = answered_++;
  switch (mechanism_) {
  case SaslMechanism::plain:
    return turn == 0 ? std::optional(plain()) : std::nullopt;
  case SaslMechanism::login:
    // Servers differ in the texts of their prompts, so only the order of the prompts counts.
    if (turn > 1) {
      return std::nullopt;
    }
    return base::encode_base64(turn == 0 ? login_.user : login_.password);
  case SaslMechanism::cram_md5:
    break;
  }
  const auto text = base::decode_base64(base::trim_end(challenge));
  if (turn > 0 || !text || text->empty()) {
    return std::nullopt;
  }
  return base::encode_base64(
      base::concat({login_.user, " ", base::hmac_md5_hex(login_.password, *text)}));
}

}  // namespace reqmail::proto
