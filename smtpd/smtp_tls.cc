#include "smtpd/smtp_tls.h"

#include <unistd.h>

#include <optional>
#include <string_view>
#include <utility>

#include "base/number.h"
#include "base/text.h"
#include "control/file_name.h"
#include "listen/ucspi_tls.h"
#include "sys/env.h"
#include "sys/file.h"
#include "sys/process.h"

namespace reqmail::smtpd {

namespace {

constexpr const char* kProgram = "bin/qmail-smtpd-tls";
constexpr const char* kStateVariable = "QMAILSTARTTLS";

class ExecutedTls final : public SmtpTls {
 public:
  ExecutedTls(std::vector<std::string> arguments, bool allowed)
      : arguments_(std::move(arguments)), allowed_(allowed) {}

  bool offered() override { return allowed_ && certificate_is_there(); }

  Result<void> prepare(const proto::SmtpServer& session) override {
    sys::Environment environment = sys::Environment::current();
    environment.set(kStateVariable,
                    encode_starttls_state({session.helo(), session.auth().failures()}));
    return sys::replace_program(kProgram, arguments_, environment.strings());
  }

  Result<proto::SmtpSecurity> handshake(sys::Reader& /*input*/,
                                        sys::Writer& /*output*/) override {
    return temporary("no TLS in this program");
  }

 private:
  std::vector<std::string> arguments_;
  bool allowed_;
};

// The listener holds the connection.
class TlsOfListener final : public SmtpTls {
 public:
  TlsOfListener(const listen::ListenerTls& listener, bool offered)
      : listener_(listener), offered_(offered) {}

  bool offered() override { return offered_; }

  Result<void> prepare(const proto::SmtpServer& /*session*/) override { return {}; }

  Result<proto::SmtpSecurity> handshake(sys::Reader& input, sys::Writer& /*output*/) override {
    if (auto begun = listener_.begin(input.connection()); !begun) {
      return begun.error();
    }
    input.discard_buffered();
    return proto::SmtpSecurity();
  }

 private:
  listen::ListenerTls listener_;
  bool offered_;
};

}  // namespace

std::unique_ptr<SmtpTls> smtp_tls_elsewhere(std::vector<std::string> arguments,
                                            const SmtpdEnvironment& environment) {
  const bool allowed = !environment.tls_forbidden;
  if (const auto listener = listen::ListenerTls::find()) {
    return std::make_unique<TlsOfListener>(*listener, allowed);
  }
  return std::make_unique<ExecutedTls>(std::move(arguments), allowed);
}

Failure become_smtpd_tls(const std::vector<std::string>& arguments) {
  return sys::replace_program(kProgram, arguments);
}

bool certificate_is_there() {
  return sys::status(control::path("servercert.pem")).has_value();
}

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

}  // namespace reqmail::smtpd
