// One message over one connection: the SMTP session of qmail-remote. Free of process state, so
// that a resident worker can call it as often as it likes.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "proto/sasl_client.h"
#include "sys/connection.h"

namespace reqmail::remote {

struct Request {
  // Our own name, for EHLO and HELO.
  std::string hello;
  // Addresses as the queue has them; each proto::can_be_sent(). At least one recipient.
  std::string sender;
  std::vector<std::string> recipients;
  // A descriptor at the beginning of the message.
  int message = -1;
  // Address of the server, for the report.
  std::string peer;
  // On the clock of sys::monotonic(): the end of all, and one that the answer to the message
  // may outlast by its own time, since a message whose answer nobody heard goes out again.
  std::chrono::milliseconds end = std::chrono::milliseconds::max();
  std::chrono::milliseconds session_end = std::chrono::milliseconds::max();
  // What the connection has behind it.
  enum class Begin { connected, connected_for_tls, starttls_accepted };
  Begin begin = Begin::connected;
  // Only HELO is said, no EHLO.
  bool plain_hello = false;
  // Whether STARTTLS is said where it is offered.
  bool starttls = false;
  // The file that asks for TLS, for the report; then nothing is mailed without it.
  std::optional<std::string> trusted;
  // It must outlive the session; null: none.
  const proto::SaslLogin* login = nullptr;
  // Whether it may be said without TLS.
  bool login_in_clear = false;
};

struct SessionEnd {
  // The whole report.
  std::string report;
  // Why another connection may do better, with less.
  enum class Retry {
    none,
    in_clear,    // nothing came of TLS that nobody insists on
    plain_hello  // the server hung up on EHLO
  };
  Retry retry = Retry::none;
};

// Makes TLS over the connection, which stays. The text of a Failure is for tls_report().
using StartTls = std::function<Result<std::unique_ptr<sys::Connection>>()>;

// Delivers over a connection. Whoever made the connection closes it.
SessionEnd deliver(const Request& request, sys::Connection& connection,
                   const StartTls& start_tls);

}  // namespace reqmail::remote
