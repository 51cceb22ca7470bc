// The POP3 login: what qmail-popup does with a client before a checker takes over.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "proto/pop3.h"
#include "sys/stream.h"

namespace reqmail::run {

// How the login comes to be in TLS.
class Pop3Tls {
 public:
  Pop3Tls() = default;
  Pop3Tls(const Pop3Tls&) = delete;
  Pop3Tls& operator=(const Pop3Tls&) = delete;
  virtual ~Pop3Tls() = default;

  // Whether STLS is to be announced.
  virtual bool offered() = 0;

  // Everything that may fail while the client can still be told, with nothing left to be
  // written. The text of a Failure follows "-ERR TLS ".
  virtual Result<void> prepare() = 0;

  // The handshake; the descriptors of input and output lead to what becomes of the connection
  // then, and nothing read before counts. A Failure: the client is gone.
  virtual Result<void> secure(sys::Reader& input, sys::Writer& output) = 0;

  // The end of the session: all has been written, and is on its way to the client when this
  // returns.
  virtual void finish() = 0;
};

// Greets with "+OK " and the timestamp, answers commands until the client gives credentials.
// Nothing where it ended before that.
std::optional<proto::Pop3Credentials> pop3_login(const std::string& timestamp,
                                                 const proto::Pop3LoginPolicy& policy,
                                                 Pop3Tls& tls, sys::Reader& input,
                                                 sys::Writer& output);

// Runs the checker with the client on its descriptors 0 and 1 and, for messages, 2; gives it
// the credentials and the timestamp on descriptor 3, each ended by NUL; waits for it and all
// that it becomes. A Failure has the text of the error reply. The credentials are wiped.
Result<void> run_checker(const std::vector<std::string>& checker,
                         proto::Pop3Credentials credentials, const std::string& timestamp);

}  // namespace reqmail::run
