// How sessions that a listener forks (smtpd/forked_sessions) speak TLS in their processes: an
// interface, so that a listener whose sessions do not is linked without OpenSSL.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "smtpd/environment.h"
#include "smtpd/files.h"
#include "tls/start_tls.h"

namespace reqmail::smtpd {

class ForkedTls {
 public:
  ForkedTls() = default;
  ForkedTls(const ForkedTls&) = delete;
  ForkedTls& operator=(const ForkedTls&) = delete;
  ForkedTls(ForkedTls&&) = delete;
  ForkedTls& operator=(ForkedTls&&) = delete;
  virtual ~ForkedTls() = default;

  // Called by the listener in qmail's home: what sessions need if they have the variables of
  // this process is loaded if there is a certificate. `arguments` are those of qmail-smtpd,
  // without its name.
  virtual void load(const SmtpdFiles& files, const std::vector<std::string>& arguments) = 0;

  // Forgets what load() has loaded.
  virtual void forget() = 0;

  // Called in the process of a session.
  virtual std::unique_ptr<tls::StartTls> make(const SmtpdFiles& files,
                                              const SmtpdEnvironment& environment) = 0;
};

}  // namespace reqmail::smtpd
