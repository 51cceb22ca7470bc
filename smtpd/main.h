// What qmail-smtpd and qmail-smtpd-tls have in common.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/time.h"
#include "smtpd/smtp_session.h"
#include "smtpd/smtp_tls.h"

namespace reqmail::smtpd {

inline constexpr int kSmtpdTrouble = 1;

// Descriptors, signals and what a lack of memory means: the first step of both programs.
void set_up_smtpd();

// Serves the client at descriptors 0 and 1, from qmail's home, with TLS by what `make_tls`
// makes of the time limit. `state`: what the program before said. Returns the exit code.
struct SmtpdStart {
  SmtpBegin begin = SmtpBegin::greeting;
  StarttlsState state;
};

int serve_smtp(const std::vector<std::string>& arguments,
               const std::function<std::unique_ptr<SmtpTls>(base::Seconds)>& make_tls,
               SmtpdStart start);

}  // namespace reqmail::smtpd
