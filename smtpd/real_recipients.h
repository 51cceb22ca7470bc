// realrcptto: whether a recipient would be delivered here, found out on the way that
// qmail-send, qmail-lspawn and qmail-local would take, as far as this user may look.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "mail/recipient_routes.h"
#include "proto/question.h"
#include "users/user_lookup.h"

namespace reqmail::smtpd {

struct Existence {
  proto::Opinion opinion = proto::Opinion::none;
  std::string why = {};  // of Opinion::unsure
};

class RealRecipients {
 public:
  // `limit`: the time that bin/qmail-getpw has.
  explicit RealRecipients(base::Seconds limit) : limit_(limit) {}

  // No opinion on a recipient of another host. Works in the current directory, which is qmail's
  // home. The control files are read at the first call; a Failure means that they cannot be.
  Result<Existence> look_up(std::string_view address);

  // The address with the host that qmail-send would give it.
  Result<std::string> complete(std::string_view address);

 private:
  Result<void> read_controls();

  static constexpr const char* kUsersCdb = "users/cdb";

  base::Seconds limit_;
  users::Assignments assignments_{kUsersCdb};
  std::string envnoathost_;
  std::optional<mail::RecipientRoutes> routes_;
};

// Whether this user has a mailbox: the way of qmail-local from the home on.
Existence mailbox_of(const users::User& user);

}  // namespace reqmail::smtpd
