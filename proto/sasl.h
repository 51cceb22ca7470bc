// The exchange of user name and secret behind AUTH, the server's side: PLAIN (RFC 4616), LOGIN
// and CRAM-MD5 (RFC 2195), as a state machine over lines.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace reqmail::proto {

enum class SaslMechanism { plain, login, cram_md5 };

// "plain", "login", "cram-md5": as logs and SMTPAUTHMETHOD show it.
std::string_view sasl_name(SaslMechanism mechanism);

// What a client claims to be, and its proof.
struct SaslCredentials {
  SaslMechanism mechanism = SaslMechanism::plain;
  std::string user;
  std::string secret;     // the password; of CRAM-MD5 the digest, in lower-case hex
  std::string challenge;  // of CRAM-MD5 alone
};

enum class SaslEvent {
  prompt,     // send `prompt`, in base 64 already, and give the next line to answer()
  check,      // `credentials` are complete
  cancelled,  // the client gave up
  malformed,  // not base 64, or not what the mechanism asks for
};

struct SaslStep {
  SaslEvent event = SaslEvent::malformed;
  std::string prompt;
  SaslCredentials credentials;
};

// One exchange. What it holds of a secret is overwritten when it is no longer needed.
class SaslExchange {
 public:
  // `challenge` counts for CRAM-MD5.
  explicit SaslExchange(SaslMechanism mechanism, std::string challenge = {});

  // `initial`: the response that came with the command, in base 64; "=" stands for an empty
  // one. The authorization identity of PLAIN is ignored: the identity is always the user.
  SaslStep start(std::optional<std::string_view> initial);

  // A line of the client without its line end. Blanks and tabs at its end, which some clients
  // send, do not count; those of `initial` neither.
  SaslStep answer(std::string_view line);

 private:
  SaslStep take(std::string_view response);
  SaslStep take_plain(std::string_view response);
  SaslStep take_login(std::string_view response);
  SaslStep take_digest(std::string_view response);
  SaslStep complete(std::string_view user, std::string_view secret);

  SaslMechanism mechanism_;
  std::string challenge_;
  std::string user_;  // of LOGIN, while the password is asked for
};

}  // namespace reqmail::proto
