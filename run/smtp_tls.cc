#include "run/smtp_tls.h"

#include <unistd.h>

#include <optional>
#include <string_view>
#include <utility>

#include "base/number.h"
#include "base/text.h"
#include "sys/env.h"
#include "sys/error.h"
#include "sys/fd.h"
#include "sys/file.h"
#include "sys/process.h"

namespace reqmail::run {

namespace {

constexpr const char* kProgram = "bin/qmail-smtpd-tls";
constexpr const char* kStateVariable = "QMAILSTARTTLS";
constexpr std::uint64_t kDescriptorMax = 65535;
// What the listener understands as "begin".
constexpr std::string_view kBegin = "y";

bool is_disabled() {
  const auto value = sys::environment_value("DISABLETLS");
  return value && base::leading_number(*value).value_or(0) > 0;
}

class ExecutedTls final : public SmtpTls {
 public:
  explicit ExecutedTls(std::vector<std::string> arguments) : arguments_(std::move(arguments)) {}

  bool offered() override { return certificate_is_there(); }

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
};

// The listener holds the connection; we are told descriptors for the order to begin and for
// what is clear text again on our side.
class ListenerTls final : public SmtpTls {
 public:
  struct Descriptors {
    int control;
    int input;
    int output;
  };

  explicit ListenerTls(const Descriptors& descriptors) : descriptors_(descriptors) {}

  bool offered() override { return !begun_ && !is_disabled(); }

  Result<void> prepare(const proto::SmtpServer& /*session*/) override { return {}; }

  Result<proto::SmtpSecurity> handshake(sys::Reader& input, sys::Writer& output) override {
    if (auto told = sys::write_all(descriptors_.control, kBegin); !told) {
      return told.error();
    }
    if (auto moved = sys::duplicate_to(descriptors_.input, input.fd()); !moved) {
      return moved.error();
    }
    if (auto moved = sys::duplicate_to(descriptors_.output, output.fd()); !moved) {
      return moved.error();
    }
    input.discard_buffered();
    begun_ = true;
    return proto::SmtpSecurity();
  }

 private:
  Descriptors descriptors_;
  bool begun_ = false;
};

std::optional<int> descriptor_of(const char* variable) {
  const auto value = sys::environment_value(variable);
  const auto number = value ? base::parse_u64(*value) : std::nullopt;
  if (!number || *number > kDescriptorMax) {
    return std::nullopt;
  }
  return static_cast<int>(*number);
}

// UCSPITLS set to "-" switches it off, as elsewhere.
std::optional<ListenerTls::Descriptors> listener_descriptors() {
  const auto mode = sys::environment_value("UCSPITLS");
  if (!mode || *mode == "-") {
    return std::nullopt;
  }
  const auto control = descriptor_of("SSLCTLFD");
  const auto input = descriptor_of("SSLREADFD");
  const auto output = descriptor_of("SSLWRITEFD");
  if (!control || !input || !output) {
    return std::nullopt;
  }
  return ListenerTls::Descriptors{*control, *input, *output};
}

}  // namespace

std::unique_ptr<SmtpTls> smtp_tls_elsewhere(std::vector<std::string> arguments) {
  if (const auto descriptors = listener_descriptors()) {
    return std::make_unique<ListenerTls>(*descriptors);
  }
  return std::make_unique<ExecutedTls>(std::move(arguments));
}

Failure become_smtpd_tls(const std::vector<std::string>& arguments) {
  return sys::replace_program(kProgram, arguments);
}

bool certificate_is_there() {
  return sys::status("control/servercert.pem") && !is_disabled();
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

}  // namespace reqmail::run
