// qmail-popup-tls: handles TLS with a POP3 client for qmail-popup, which starts it
// (qmail-popup-tls(8)).
//
// Runs as: root while it loads the key, then qmaild in an empty root directory; the caller
//   where that was not root
// Reads: descriptor 0; descriptor 3, a socket to qmail-popup; control/ servercert.pem
//   tlsserverciphers tlsticketkey
// Writes: descriptor 1; descriptor 3
// Executes: nothing
// Trusts: control files and environment; nothing that the client sends
// Exits: 0 after a session, 100 without arguments that make sense, 111 where there was none

#include <signal.h>

#include "listen/tls_child.h"
#include "listen/tls_dialogue.h"
#include "listen/tls_wish.h"
#include "pop3/session.h"
#include "sys/exits.h"
#include "sys/fd.h"
#include "sys/program.h"
#include "sys/signals.h"

int main(int argc, char** /*argv*/) {
  namespace listen = reqmail::listen;
  namespace sys = reqmail::sys;
  const sys::Program program({.holds_secrets = true});
  sys::ignore_signals({SIGPIPE});
  if (argc > 1 || !sys::is_socket(listen::kTlsDescriptor)) {
    sys::finish(sys::kExitPermanent);
  }
  const listen::TlsChild child{"pop3", reqmail::pop3::kPop3Timeout, listen::tls_choices()};
  sys::finish(listen::serve_tls_child(child) ? sys::kExitSuccess : sys::kExitTemporary);
}
