// The common part of qmail-listen and qmail-listen-tls.
#pragma once

#include "smtpd/forked_tls.h"

namespace reqmail::smtpd {

// Does the work of qmail-listen(8) with these arguments, and returns the exit code. If another
// program has executed this one to go on in its place, its sockets and connections are taken
// over. `tls` is for sessions in processes of the listener; if it is null, bin/qmail-listen-tls
// goes on in the place of this program as soon as TLS is possible.
int serve_as_listener(int argc, char** argv, ForkedTls* tls);

}  // namespace reqmail::smtpd
