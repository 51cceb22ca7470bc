// TLS of qmail-smtpd in this process: its control files, and the session's side of it.
#pragma once

#include <memory>
#include <optional>

#include "base/constmap.h"
#include "base/result.h"
#include "smtpd/files.h"
#include "smtpd/smtp_tls.h"
#include "tls/context.h"

namespace reqmail::smtpd {

// All that TLS needs and that connections share. A server may load it, with
// load_smtpd_files(), once before it forks.
struct SmtpdTls {
  tls::Context context;
  // Addresses in client certificates that may relay; absent where no certificate is asked for.
  std::optional<base::ConstMap> clients;
};

// The control files of the current directory, TLSCIPHERS and TLSMINVERSION. `mail_exchanger`:
// clients need not log in, and those that cannot speak TLS speak clear text. The text of a
// Failure follows "454 TLS " in a reply.
Result<SmtpdTls> load_smtpd_tls(bool mail_exchanger);

// `loaded`: if absent, it is loaded when it is needed. `implicit`: TLS from the first byte on.
// `files` has the timeout of each read and write, and of a handshake, but 60 seconds at most.
std::unique_ptr<SmtpTls> smtp_tls_here(std::optional<SmtpdTls> loaded, bool implicit,
                                       const SmtpdFiles& files,
                                       const SmtpdEnvironment& environment);

}  // namespace reqmail::smtpd
