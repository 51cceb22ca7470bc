// The POP3 login: the work of qmail-popup before a checker takes over.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "proto/pop3_login.h"
#include "sys/connection.h"
#include "tls/start_tls.h"

namespace reqmail::pop3 {

// Refused logins in a session, and how long nothing is read after each: guessing gets slow.
inline constexpr unsigned kPop3FailuresMax = 5;
inline constexpr base::Seconds kPop3DelayAfterRefusal{5};
// From the greeting, or the handshake before it, to the password, unless POP3LOGINTIME says
// otherwise.
inline constexpr base::Seconds kPop3LoginTime{300};

struct Pop3LoginSettings {
  std::string greeting;              // what the client is greeted with
  std::string timestamp;             // of APOP, and what a checker gets; empty: none
  std::vector<std::string> checker;  // a program and its arguments
  proto::Pop3LoginPolicy policy;
  // TLS from the first byte on.
  bool implicit_tls = false;
  // A refusal is logged, takes its time, and the client may try again; otherwise it is the end.
  bool guarded = true;
  base::Seconds time = kPop3LoginTime;
};

// From the greeting to the end of what a checker becomes: answers commands until the client
// gives credentials, and runs the checker with the client on its descriptors 0 and 1 and, for
// messages, 2, and the credentials and the timestamp on descriptor 3, each ended by NUL. What
// the client sent after them is left for the checker and what it becomes.
//
// A Failure: TLS from the first byte on cannot be spoken, and nothing was said.
Result<void> serve_pop3_login(const Pop3LoginSettings& settings, tls::StartTls& tls,
                              sys::DescriptorConnection& client);

}  // namespace reqmail::pop3
