// Connections that a process which stays keeps open after a delivery, for the next one
// on the same terms (control/connectionmessages).
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "base/time.h"
#include "net/socket_connection.h"
#include "proto/sasl_client.h"
#include "remote/smtp_connection.h"
#include "remote/targets.h"
#include "sys/fd.h"
#include "tls/start_tls.h"

namespace reqmail::remote {

// No connection is kept longer than this after it was made.
inline constexpr base::Seconds kKeptMax(300);

// What the control files say.
struct KeepSettings {
  // The number of messages that one connection may carry.
  std::uint64_t messages = 1;
  // How long a connection waits for the next message.
  base::Seconds idle{0};
};

// A connection, and what must stay as it is while it is used.
struct Contact {
  // The socket is connected to the target, and each wait for it lasts at most `timeout`. The
  // contact ends after `time`.
  Contact(Target to, sys::Fd socket, base::Seconds timeout, base::Seconds time);

  Target target;
  net::SocketConnection clear;
  proto::SaslLogin login;
  std::unique_ptr<SmtpConnection> smtp;
  // What a delivery must have in common with the one before (remote/connection_terms.h).
  std::string terms;
  // The same for what was known of TLS when it began.
  std::string tls_terms;
  std::uint64_t messages = 0;
  std::chrono::milliseconds since;
  // When it has waited long enough.
  std::chrono::milliseconds until{0};
};

// At most one connection that is kept.
class KeptConnection {
 public:
  // Returns the connection if it has these terms, is still good, and the server has said
  // nothing since. If it is another one, it is closed.
  std::unique_ptr<Contact> take(const std::string& terms);

  // Keeps a connection for `idle`.
  void put(std::unique_ptr<Contact> contact, base::Seconds idle);

  [[nodiscard]] bool is_there() const { return contact_ != nullptr; }

  // Returns how long it may still wait.
  [[nodiscard]] std::chrono::milliseconds time_left() const;

  // Says QUIT and closes it, if there is one.
  void close();

 private:
  std::unique_ptr<Contact> contact_;
};

}  // namespace reqmail::remote
