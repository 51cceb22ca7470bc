#include "smtpd/forked_sessions.h"

#include <memory>
#include <utility>

#include "base/text.h"
#include "listen/tls_by_listener.h"
#include "listen/tls_wish.h"
#include "smtpd/environment.h"
#include "smtpd/main.h"
#include "smtpd/starttls_state.h"
#include "sys/directory_visit.h"
#include "sys/fd.h"
#include "sys/memory.h"
#include "sys/program.h"

namespace reqmail::smtpd {

namespace {

std::vector<std::string> without_name(const std::vector<std::string>& arguments) {
  return {arguments.begin() + (arguments.empty() ? 0 : 1), arguments.end()};
}

}  // namespace

ForkedSessions::ForkedSessions(ForkedSessionSettings settings, ForkedTls* tls)
    : settings_(std::move(settings)),
      controls_("control"),
      files_(smtpd_controls_unreadable()),
      tls_(tls),
      judge_(base::concat({settings_.home, "/bin/qmail-mailauth"}), settings_.judge_mark) {}

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
  return [this, speaks_tls = tls_ != nullptr && settings_.tls_is_ours()] {
    return serve(speaks_tls);
  };
}

const tls::Successor* ForkedSessions::successor() {
  const bool wanted = tls_ == nullptr && tls_is_possible_ && settings_.tls_is_ours() &&
                      settings_.successor_is_ours();
  return wanted ? &settings_.successor : nullptr;
}

std::optional<int> ForkedSessions::descriptor() {
  const auto socket = judge_.socket();
  gives_judge_ = socket.has_value();
  return socket;
}

void ForkedSessions::load() {
  files_ = load_shared_smtpd_files();
  tls_is_possible_ =
      begins_with_tls() || (listen::has_certificate() && !listen::tls_is_forbidden());
  if (tls_ != nullptr) {
    tls_->forget();
    if (files_) {
      tls_->load(*files_, without_name(settings_.arguments));
    }
  }
  // Processes get copies of what they write to, also of freed memory.
  sys::give_back_memory();
}

// It is not part of its caller, whose frame is there as long as the session.
[[gnu::noinline]] void ForkedSessions::forget_files(Failure failure) {
  files_ = std::move(failure);
}

int ForkedSessions::serve(bool speaks_tls) {
  const sys::Program program(kSmtpdProgram);
  set_smtpd_signals();
  SmtpdStart start;
  if (gives_judge_) {
    start.judge = sys::Fd(listen::kSessionDescriptor);
  }
  if (begins_with_tls()) {
    start.begin = SmtpBegin::tls;
  }
  if (!sys::Program::enter_home()) {
    forget_files(smtpd_controls_unreadable());
  }
  if (start.begin == SmtpBegin::tls && !speaks_tls) {
    start.judge.close();
    (void)become_smtpd_tls(settings_.arguments);
    return kSmtpdTrouble;
  }
  if (files_) {
    if (auto opened = open_databases(*files_); !opened) {
      forget_files(opened.error());
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
        return listener ? std::move(listener) : tls_->make(files, environment);
      },
      std::move(start));
}

}  // namespace reqmail::smtpd
