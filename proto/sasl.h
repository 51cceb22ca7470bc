// The server's side of the exchange of user name and secret after an AUTH command, as a state
// machine over lines: PLAIN (RFC 4616), LOGIN and CRAM-MD5 (RFC 2195).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace reqmail::proto {

enum class SaslMechanism { plain, login, cram_md5 };

// Returns "plain", "login" or "cram-md5", as logs and SMTPAUTHMETHOD show it.
std::string_view sasl_name(SaslMechanism mechanism);

// Returns the name as the protocols have it (RFC 4422 section 3.1): "PLAIN", "LOGIN" or
// "CRAM-MD5".
std::string_view sasl_protocol_name(SaslMechanism mechanism);

// The user name that a client claims, and its proof.
struct SaslCredentials {
  SaslMechanism mechanism = SaslMechanism::plain;
  std::string user;
  std::string secret;     // the password; for CRAM-MD5 the digest in lower-case hexadecimal
  std::string challenge;  // only for CRAM-MD5
};

enum class SaslEvent {
  prompt,     // send `prompt`, which is in base 64 already, and pass the next line to answer()
  check,      // `credentials` are complete
  cancelled,  // the client has cancelled the exchange
  malformed,  // not base 64, or not in the form of the mechanism
};

struct SaslStep {
  SaslEvent event = SaslEvent::malformed;
  std::string prompt;
  SaslCredentials credentials;
};

// One exchange. Its copies of secrets are overwritten when they are no longer needed.
class SaslExchange {
 public:
  // `challenge` is used by CRAM-MD5 only.
  explicit SaslExchange(SaslMechanism mechanism, std::string challenge = {});

  // Begins the exchange. `initial` is the response that came with the command, in base 64; "="
  // means an empty response. The authorization identity of PLAIN is ignored: the identity is
  // always the user.
  SaslStep start(std::optional<std::string_view> initial);

  // Takes a line of the client without its line end. Blanks and tabs at the end of a line or of
  // `initial`, which some clients send, are ignored.
  SaslStep answer(std::string_view line);

 private:
  SaslStep take(std::string_view response);
  SaslStep take_plain(std::string_view response);
  SaslStep take_login(std::string_view response);
  SaslStep take_digest(std::string_view response);
  SaslStep complete(std::string_view user, std::string_view secret);

  SaslMechanism mechanism_;
  std::string challenge_;
  std::string user_;  // the user name of LOGIN, while the password is awaited
};

}  // namespace reqmail::proto
