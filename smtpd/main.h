// What qmail-smtpd and qmail-smtpd-tls have in common.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "smtpd/smtp_session.h"
#include "smtpd/starttls_state.h"
#include "tls/start_tls.h"

namespace reqmail::smtpd {

inline constexpr int kSmtpdTrouble = 1;

// Descriptors, signals and what a lack of memory means: the first step of both programs.
void set_up_smtpd();

struct SmtpdStart {
  SmtpBegin begin = SmtpBegin::greeting;
  StarttlsState state;
};

using MakeSmtpTls =
    std::function<std::unique_ptr<tls::StartTls>(const SmtpdFiles&, const SmtpdEnvironment&)>;

// Serves the client at descriptors 0 and 1, from qmail's home, with TLS by what `make_tls`
// returns. `start`: where the program before left off. Returns the exit code.
int serve_smtp(const std::vector<std::string>& arguments, const MakeSmtpTls& make_tls,
               SmtpdStart start);

}  // namespace reqmail::smtpd
