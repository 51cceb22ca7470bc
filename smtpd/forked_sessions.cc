#include "smtpd/forked_sessions.h"

#include <memory>
#include <utility>

#include "listen/tls_by_listener.h"
#include "listen/tls_wish.h"
#include "smtpd/environment.h"
#include "smtpd/login.h"
#include "smtpd/starttls_state.h"
#include "sys/directory_visit.h"
#include "sys/env.h"
#include "sys/memory.h"
#include "sys/program.h"
#include "sys/secrets.h"
#include "tls/rehearsal.h"

namespace reqmail::smtpd {

namespace {

constexpr std::string_view kService = "smtp";

bool begins_with_tls() {
  return !sys::environment_value("SMTPS").value_or("").empty();
}

std::vector<std::string> without_name(const std::vector<std::string>& arguments) {
  return {arguments.begin() + (arguments.empty() ? 0 : 1), arguments.end()};
}

}  // namespace

ForkedSessions::ForkedSessions(ForkedSessionSettings settings)
    : settings_(std::move(settings)),
      controls_("control"),
      files_(smtpd_controls_unreadable()) {}

listen::Session ForkedSessions::next() {
  if (!settings_.is_ours()) {
    return {};
  }
  const auto visit = sys::DirectoryVisit::begin(settings_.home);
  if (!visit) {
    return {};
  }
  if (controls_.changed()) {
    load();
  }
  return [this, speaks_tls = settings_.tls_is_ours()] { return serve(speaks_tls); };
}

void ForkedSessions::load() {
  files_ = load_shared_smtpd_files();
  tls_.reset();
  if (files_ && listen::has_certificate()) {
    load_tls();
  }
  // Processes get copies of what they write to, also of freed memory.
  sys::give_back_memory();
}

// If this fails, each session that needs TLS tries itself and tells its client why not.
void ForkedSessions::load_tls() {
  // The process has a key from now on.
  sys::forbid_tracing();
  const SmtpdLogin login =
      smtpd_login(without_name(settings_.arguments), login_environment(), files_->me);
  auto ready = listen::load_ready_tls(kService, listen::tls_choices(),
                                      !begins_with_tls() && !login.policy.required);
  if (!ready) {
    return;
  }
  tls_ = std::move(*ready);
  if (!has_rehearsed_) {
    // Its result does not matter: it only saves memory and time of the sessions.
    has_rehearsed_ = true;
    (void)tls::rehearse_handshakes(tls_->context).has_value();
  }
}

int ForkedSessions::serve(bool speaks_tls) {
  const sys::Program program(kSmtpdProgram);
  set_smtpd_signals();
  SmtpdStart start;
  if (begins_with_tls()) {
    start.begin = SmtpBegin::tls;
  }
  if (!sys::Program::enter_home()) {
    files_ = smtpd_controls_unreadable();
  }
  if (start.begin == SmtpBegin::tls && !speaks_tls) {
    (void)become_smtpd_tls(settings_.arguments);
    return kSmtpdTrouble;
  }
  if (files_) {
    if (auto opened = open_databases(*files_); !opened) {
      files_ = opened.error();
    }
  }
  const bool after_greeting = start.begin != SmtpBegin::tls;
  return serve_smtp_with(
      files_, settings_.arguments,
      [&](const SmtpdFiles& files,
          const SmtpdEnvironment& environment) -> std::unique_ptr<tls::StartTls> {
        const bool allowed = !environment.tls_forbidden;
        if (!speaks_tls) {
          return smtpd_tls_elsewhere(settings_.arguments, allowed);
        }
        auto listener = after_greeting ? listen::tls_by_listener(allowed) : nullptr;
        return listener ? std::move(listener)
                        : listen::tls_here({.program = "qmail-smtpd",
                                            .service = kService,
                                            .timeout = files.timeout,
                                            .allowed = allowed,
                                            .choices = environment.tls_choices,
                                            .ready = tls_ ? &*tls_ : nullptr});
      },
      std::move(start));
}

}  // namespace reqmail::smtpd
