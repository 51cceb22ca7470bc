// The POP3 login: what qmail-popup does with a client before a checker takes over.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "proto/pop3_login.h"
#include "sys/stream.h"

namespace reqmail::pop3 {

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

// Refused logins in a session, and how long nothing is read after each: guessing gets slow.
inline constexpr unsigned kPop3FailuresMax = 5;
inline constexpr base::Seconds kPop3DelayAfterRefusal{5};
// From the greeting, or the handshake before it, to the password, unless POP3LOGINTIME says
// something else.
inline constexpr base::Seconds kPop3LoginTime{300};

struct Pop3LoginSettings {
  std::string greeting;              // what the client is greeted with
  std::string timestamp;             // of APOP, and what a checker gets; empty: none
  std::vector<std::string> checker;  // a program and its arguments
  proto::Pop3LoginPolicy policy;
  // A refusal is logged, takes its time, and the client may try again; else it is the end.
  bool guarded = true;
};

// From the greeting to the end of what a checker becomes: answers commands until the client
// gives credentials, and runs the checker with the client on its descriptors 0 and 1 and, for
// messages, 2, and the credentials and the timestamp on descriptor 3, each ended by NUL. What
// the client sent after them is left for the checker and what it becomes, as far as the
// connection stops at line ends.
void serve_pop3_login(const Pop3LoginSettings& settings, Pop3Tls& tls, sys::Reader& input,
                      sys::Writer& output);

}  // namespace reqmail::pop3
