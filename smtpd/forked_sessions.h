// SMTP sessions in processes that a listener forks and that do not execute qmail-smtpd: control
// files and certificates are read once, by the listener, and again when they have changed.
//
// The directory control/ is examined for each connection, so that a change counts for the next
// one, as if qmail-smtpd were executed. What depends on the variables of one connection is read
// in its process.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "listen/listener.h"
#include "listen/tls_here.h"
#include "smtpd/files.h"
#include "smtpd/main.h"
#include "sys/directory_watch.h"

namespace reqmail::smtpd {

struct ForkedSessionSettings {
  std::string home;
  // The arguments of qmail-smtpd, including its name.
  std::vector<std::string> arguments;
  // Whether the program that is to be run is this release's qmail-smtpd at this moment; if it
  // is not, it is executed.
  std::function<bool()> is_ours;
  // The same for bin/qmail-smtpd-tls; if it is not, sessions execute it for TLS.
  std::function<bool()> tls_is_ours;
};

class ForkedSessions final : public listen::SessionSource {
 public:
  explicit ForkedSessions(ForkedSessionSettings settings);

  listen::Session next() override;

 private:
  void load();
  // What the sessions need for TLS if they have the variables of this process.
  void load_tls();
  // The work of qmail-smtpd in the process of a connection.
  int serve(bool speaks_tls);

  ForkedSessionSettings settings_;
  sys::DirectoryWatch controls_;
  Result<SmtpdFiles> files_;
  std::optional<listen::ReadyTls> tls_;
  bool has_rehearsed_ = false;
};

}  // namespace reqmail::smtpd
