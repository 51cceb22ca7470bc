// The client's side of AUTH: CRAM-MD5 (RFC 2195), PLAIN (RFC 4616) and LOGIN. It neither reads
// nor writes.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/wipe.h"
#include "proto/sasl.h"

namespace reqmail::proto {

// What a relay knows us by. Both are overwritten when it goes.
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

// The mechanism of that name, in any case.
std::optional<SaslMechanism> sasl_mechanism(std::string_view name);

// A text of the server without the user name (where it stands alone), the password, and what
// was made of them; each is "***".
std::string hide_login(std::string text, const SaslLogin& login);

// One login.
class SaslClient {
 public:
  // `login` must outlive it.
  SaslClient(SaslMechanism mechanism, const SaslLogin& login)
      : mechanism_(mechanism), login_(login) {}

  // The mechanism's name in capitals.
  [[nodiscard]] std::string_view name() const;

  // The command, without line end: secret. PLAIN says all at once where that fits a command.
  [[nodiscard]] std::string command() const;

  // The answer to a challenge, both in base 64 and without line end: secret. Nothing where the
  // challenge is not one of this mechanism.
  std::optional<std::string> answer(std::string_view challenge);

 private:
  [[nodiscard]] std::string plain() const;

  SaslMechanism mechanism_;
  const SaslLogin& login_;
  unsigned answered_ = 0;
};

}  // namespace reqmail::proto
