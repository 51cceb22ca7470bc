// What qmail-smtpd and qmail-smtpd-tls have in common.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "smtpd/smtp_session.h"
#include "smtpd/starttls_state.h"
#include "sys/program.h"
#include "tls/start_tls.h"

namespace reqmail::smtpd {

inline constexpr int kSmtpdTrouble = 1;

// What both programs begin with. Their memory is hidden at once: exec has undone what the
// program before did.
inline constexpr sys::ProgramStart kSmtpdProgram = {
    .out_of_memory = kSmtpdTrouble,
    .bug = kSmtpdTrouble,
    .out_of_memory_fd = 1,
    .out_of_memory_text = "421 out of memory (#4.3.0)\r\n",
    .holds_secrets = true,
};

// The next step of both.
void set_smtpd_signals();

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
