#include "proto/sasl.h"

#include <algorithm>
#include <utility>

#include "base/ascii.h"
#include "base/base64.h"
#include "base/wipe.h"

namespace reqmail::proto {

namespace {

constexpr std::string_view kUserPrompt = "VXNlcm5hbWU6";      // "Username:"
constexpr std::string_view kPasswordPrompt = "UGFzc3dvcmQ6";  // "Password:"
constexpr std::size_t kDigestSize = 32;

SaslStep event(SaslEvent kind) {
  SaslStep step;
  step.event = kind;
  return step;
}

SaslStep malformed() {
  return event(SaslEvent::malformed);
}

SaslStep ask(std::string prompt) {
  SaslStep step = event(SaslEvent::prompt);
  step.prompt = std::move(prompt);
  return step;
}

bool has_control(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 32 || byte == 127;
  });
}

bool is_hex(char c) {
  return base::is_digit(c) || (base::to_lower(c) >= 'a' && base::to_lower(c) <= 'f');
}

}  // namespace

std::string_view sasl_name(SaslMechanism mechanism) {
  switch (mechanism) {
  case SaslMechanism::plain:
    return "plain";
  case SaslMechanism::login:
    return "login";
  case SaslMechanism::cram_md5:
    break;
  }
  return "cram-md5";
}

std::string_view sasl_protocol_name(SaslMechanism mechanism) {
  switch (mechanism) {
  case SaslMechanism::plain:
    return "PLAIN";
  case SaslMechanism::login:
    return "LOGIN";
  case SaslMechanism::cram_md5:
    break;
  }
  return "CRAM-MD5";
}

SaslExchange::SaslExchange(SaslMechanism mechanism, std::string challenge)
    : mechanism_(mechanism), challenge_(std::move(challenge)) {}

SaslStep SaslExchange::start(std::optional<std::string_view> initial) {
  if (initial) {
    initial = base::trim_end(*initial);
    // A client of CRAM-MD5 cannot have an initial response, since it has not seen the
    // challenge.
    return mechanism_ == SaslMechanism::cram_md5 || *initial == "=" ? malformed()
                                                                    : answer(*initial);
  }
  switch (mechanism_) {
  case SaslMechanism::plain:
    return ask(std::string());
  case SaslMechanism::login:
    return ask(std::string(kUserPrompt));
  case SaslMechanism::cram_md5:
    break;
  }
  return ask(base::encode_base64(challenge_));
}

SaslStep SaslExchange::answer(std::string_view line) {
  line = base::trim_end(line);
  if (line == "*") {
    return event(SaslEvent::cancelled);
  }
  auto response = base::decode_base64(line);
  if (!response) {
    return malformed();
  }
  SaslStep step = take(*response);
  base::wipe(*response);
  return step;
}

SaslStep SaslExchange::take(std::string_view response) {
  switch (mechanism_) {
  case SaslMechanism::plain:
    return take_plain(response);
  case SaslMechanism::login:
    return take_login(response);
  case SaslMechanism::cram_md5:
    break;
  }
  return take_digest(response);
}

// The form is: authzid NUL user NUL password.
SaslStep SaslExchange::take_plain(std::string_view response) {
  const std::size_t first = response.find('\0');
  if (first == std::string_view::npos) {
    return malformed();
  }
  const std::size_t second = response.find('\0', first + 1);
  if (second == std::string_view::npos) {
    return malformed();
  }
  return complete(response.substr(first + 1, second - first - 1), response.substr(second + 1));
}

SaslStep SaslExchange::take_login(std::string_view response) {
  if (response.empty()) {
    return malformed();
  }
  if (!user_.empty()) {
    return complete(user_, response);
  }
  if (has_control(response)) {
    return malformed();
  }
  user_ = response;
  return ask(std::string(kPasswordPrompt));
}

// The form is: user blank digest.
SaslStep SaslExchange::take_digest(std::string_view response) {
  const std::size_t blank = response.rfind(' ');
  if (blank == std::string_view::npos) {
    return malformed();
  }
  const std::string_view digest = response.substr(blank + 1);
  if (digest.size() != kDigestSize || !std::all_of(digest.begin(), digest.end(), is_hex)) {
    return malformed();
  }
  return complete(response.substr(0, blank), base::lower(digest));
}

SaslStep SaslExchange::complete(std::string_view user, std::string_view secret) {
  if (user.empty() || secret.empty() || has_control(user) ||
      secret.find('\0') != std::string_view::npos) {
    return malformed();
  }
  SaslStep step = event(SaslEvent::check);
  step.credentials.mechanism = mechanism_;
  step.credentials.user = user;
  step.credentials.secret = secret;
  if (mechanism_ == SaslMechanism::cram_md5) {
    step.credentials.challenge = challenge_;
  }
  return step;
}

}  // namespace reqmail::proto
