#include "smtpd/starttls_state.h"

#include <utility>

#include "base/number.h"
#include "base/text.h"
#include "listen/tls_by_exec.h"
#include "listen/tls_by_listener.h"
#include "proto/smtp_auth.h"
#include "sys/env.h"
#include "sys/process.h"

namespace reqmail::smtpd {

namespace {

constexpr const char* kProgram = "bin/qmail-smtpd-tls";
constexpr const char* kStateVariable = "QMAILSTARTTLS";

}  // namespace

std::string encode_starttls_state(const StarttlsState& state) {
  std::string text = base::decimal(state.refused_logins);
  if (state.helo) {
    text += base::concat({":", *state.helo});
  }
  return text;
}

std::optional<StarttlsState> decode_starttls_state(std::string_view text) {
  const std::size_t colon = text.find(':');
  const auto refused = base::parse_u64(text.substr(0, colon));
  if (!refused || *refused > proto::kAuthFailuresMax) {
    return std::nullopt;
  }
  StarttlsState state;
  state.refused_logins = static_cast<unsigned>(*refused);
  if (colon != std::string_view::npos) {
    state.helo = text.substr(colon + 1);
  }
  return state;
}

std::optional<StarttlsState> take_starttls_state() {
  const auto value = sys::take_environment_value(kStateVariable);
  return value ? decode_starttls_state(*value) : std::nullopt;
}

bool begins_with_tls() {
  return !sys::environment_value("SMTPS").value_or("").empty();
}

std::unique_ptr<tls::StartTls> smtpd_tls_elsewhere(std::vector<std::string> arguments,
                                                   bool allowed) {
  auto listener = listen::tls_by_listener(allowed);
  return listener
             ? std::move(listener)
             : listen::tls_by_exec({kProgram, std::move(arguments), kStateVariable}, allowed);
}

Failure become_smtpd_tls(const std::vector<std::string>& arguments) {
  return sys::replace_program(kProgram, arguments);
}

}  // namespace reqmail::smtpd
