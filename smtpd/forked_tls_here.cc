#include "smtpd/forked_tls_here.h"

#include <utility>

#include "smtpd/login.h"
#include "smtpd/starttls_state.h"
#include "sys/memory.h"
#include "sys/secrets.h"
#include "tls/rehearsal.h"

namespace reqmail::smtpd {

namespace {

constexpr std::string_view kService = "smtp";

}  // namespace

// If this fails, each session that needs TLS tries itself and tells its client why not.
void ForkedTlsHere::load(const SmtpdFiles& files, const std::vector<std::string>& arguments) {
  if (!listen::has_certificate()) {
    return;
  }
  // The process has a key from now on.
  sys::forbid_tracing();
  const SmtpdLogin login = smtpd_login(arguments, login_environment(), files.me);
  auto ready = listen::load_ready_tls(kService, listen::tls_choices(),
                                      !begins_with_tls() && !login.policy.required);
  if (!ready) {
    return;
  }
  ready_ = std::move(*ready);
  if (!has_rehearsed_) {
    // Its result does not matter: it only saves memory and time of the sessions.
    has_rehearsed_ = true;
    (void)tls::rehearse_handshakes(ready_->context).has_value();
    sys::separate_new_memory();
  }
}

std::unique_ptr<tls::StartTls> ForkedTlsHere::make(const SmtpdFiles& files,
                                                   const SmtpdEnvironment& environment) {
  return listen::tls_here({.program = "qmail-smtpd",
                           .service = kService,
                           .timeout = files.timeout,
                           .allowed = !environment.tls_forbidden,
                           .choices = environment.tls_choices,
                           .ready = ready_ ? &*ready_ : nullptr});
}

}  // namespace reqmail::smtpd
