// realrcptto: finds out whether a recipient would be delivered here, in the same way as
// qmail-send, qmail-lspawn and qmail-local, as far as this user may see the files.
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
  std::string why = {};  // the reason of Opinion::unsure
};

class RealRecipients {
 public:
  // `limit` is the time limit for bin/qmail-getpw.
  explicit RealRecipients(base::Seconds limit) : limit_(limit) {}

  // Returns Opinion::none for a recipient of another host. Works in the current directory,
  // which is qmail's home. The control files are read at the first call; a Failure means that
  // they cannot be read.
  Result<Existence> look_up(std::string_view address);

  // Returns the address with the host that qmail-send would add.
  Result<std::string> complete(std::string_view address);

 private:
  Result<void> read_controls();

  static constexpr const char* kUsersCdb = "users/cdb";

  base::Seconds limit_;
  users::Assignments assignments_{kUsersCdb};
  std::string envnoathost_;
  std::optional<mail::RecipientRoutes> routes_;
};

// Returns whether this user has a mailbox, in the same way as qmail-local from the home on.
Existence mailbox_of(const users::User& user);

}  // namespace reqmail::smtpd
