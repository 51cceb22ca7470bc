// The common part of qmail-smtpd and qmail-smtpd-tls.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "smtpd/smtp_session.h"
#include "smtpd/starttls_state.h"
#include "sys/fd.h"
#include "sys/program.h"
#include "tls/start_tls.h"

namespace reqmail::smtpd {

inline constexpr int kSmtpdTrouble = 1;

// How both programs begin. Both protect their memory at once, since exec has undone the
// protection that the program before it had set.
inline constexpr sys::ProgramStart kSmtpdProgram = {
    .out_of_memory = kSmtpdTrouble,
    .bug = kSmtpdTrouble,
    .out_of_memory_fd = 1,
    .out_of_memory_text = "421 out of memory (#4.3.0)\r\n",
    .holds_secrets = true,
    .heap_step = 8192,
};

// Sets the signals of both programs; called after sys::Program has begun.
void set_smtpd_signals();

struct SmtpdStart {
  SmtpBegin begin = SmtpBegin::greeting;
  StarttlsState state;
  // The socket to the qmail-mailauth of qmail-listen, if the process has inherited one.
  sys::Fd judge;
};

using MakeSmtpTls =
    std::function<std::unique_ptr<tls::StartTls>(const SmtpdFiles&, const SmtpdEnvironment&)>;

// Serves the client at descriptors 0 and 1 from qmail's home; `make_tls` makes the object that
// brings the session into TLS. `start` is the state in which the program before this one
// stopped. Returns the exit code.
int serve_smtp(const std::vector<std::string>& arguments, const MakeSmtpTls& make_tls,
               SmtpdStart start);

// The same in qmail's home with control files that have been read, or a Failure, which the
// client is told.
int serve_smtp_with(const Result<SmtpdFiles>& files, const std::vector<std::string>& arguments,
                    const MakeSmtpTls& make_tls, SmtpdStart start);

}  // namespace reqmail::smtpd
