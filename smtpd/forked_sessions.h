// SMTP sessions in processes that a listener forks and that do not execute qmail-smtpd: control
// files and certificates are read once, by the listener, and again when they have changed.
//
// Sessions speak TLS in their processes if the listener has been given a ForkedTls. If not,
// each executes bin/qmail-smtpd-tls, and once TLS is possible, the listener lets a program go
// on in its place that has one.
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
#include "smtpd/files.h"
#include "smtpd/forked_tls.h"
#include "smtpd/resident_judge.h"
#include "sys/directory_watch.h"
#include "tls/successor.h"

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
  // The listener with TLS, of which `successor_is_ours` says the same; it is asked for only
  // where there is no ForkedTls.
  tls::Successor successor;
  std::function<bool()> successor_is_ours;
  // The mark of this release's qmail-mailauth (sys::OwnProgram), one of which the listener
  // keeps for sessions.
  std::string judge_mark;
};

class ForkedSessions final : public listen::SessionSource {
 public:
  // `tls` may be null and must outlive this object.
  ForkedSessions(ForkedSessionSettings settings, ForkedTls* tls);

  listen::Session next() override;
  const tls::Successor* successor() override;

  std::optional<int> descriptor() override;

  std::optional<int> watched() override { return judge_.unattended(); }

  void attend() override { judge_.attend(); }

  void child_ended(const sys::Ended& ended) override { judge_.child_ended(ended); }

 private:
  void load();
  // From now on clients are told that control files cannot be read.
  void forget_files(Failure failure);
  // The work of qmail-smtpd in the process of a connection.
  int serve(bool speaks_tls);

  ForkedSessionSettings settings_;
  sys::DirectoryWatch controls_;
  Result<SmtpdFiles> files_;
  ForkedTls* tls_;
  ResidentJudge judge_;
  // The process of the connection has a socket to it.
  bool gives_judge_ = false;
  // TLS is possible, with the variables of this process.
  bool tls_is_possible_ = false;
};

}  // namespace reqmail::smtpd
