// The client's side of AUTH: CRAM-MD5 (RFC 2195), PLAIN (RFC 4616) and LOGIN. It does no input
// or output.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/wipe.h"
#include "proto/sasl.h"

namespace reqmail::proto {

// The user name and the password for a relay. Both are overwritten when the object is
// destroyed.
struct SaslLogin {
  std::string user;
  std::string password;

  SaslLogin() = default;

  SaslLogin(std::string_view name, std::string_view secret) : user(name), password(secret) {}

  SaslLogin(const SaslLogin&) = default;
  SaslLogin(SaslLogin&&) = default;
  SaslLogin& operator=(const SaslLogin&) = default;
  SaslLogin& operator=(SaslLogin&&) = default;

  ~SaslLogin() {
    base::wipe(user);
    base::wipe(password);
  }
};

// Returns the mechanism of that name, in any case.
std::optional<SaslMechanism> sasl_mechanism(std::string_view name);

// Returns a text of the server with "***" in place of the user name (where it is a whole word),
// of the password, and of the encoded forms that were sent.
std::string hide_login(std::string text, const SaslLogin& login);

// One login as a state machine.
class SaslClient {
 public:
  // `login` must outlive the object.
  SaslClient(SaslMechanism mechanism, const SaslLogin& login)
      : mechanism_(mechanism), login_(login) {}

  // Returns the name of the mechanism in capitals.
  [[nodiscard]] std::string_view name() const;

  // Returns the command without its line end; it is secret. PLAIN puts everything into the
  // command if that is not too long.
  [[nodiscard]] std::string command() const;

  // Returns the response to a challenge, which is secret; both are in base 64 and without line
  // end. Returns nullopt if the challenge does not belong to this mechanism.
  std::optional<std::string> answer(std::string_view challenge);

 private:
  [[nodiscard]] std::string plain() const;

  SaslMechanism mechanism_;
  const SaslLogin& login_;
  unsigned answered_ = 0;
};

}  // namespace reqmail::proto
