#include "listen/tls_by_listener.h"

#include <optional>
#include <string_view>

#include "base/number.h"
#include "listen/tls_log.h"
#include "listen/tls_wish.h"
#include "sys/descriptor_io.h"
#include "sys/env.h"
#include "sys/fd.h"

namespace reqmail::listen {

namespace {

constexpr std::uint64_t kDescriptorMax = 65535;
constexpr int kFirstOwn = 3;
// What the listener understands as "begin, and tell me nothing".
constexpr std::string_view kBegin = "y";
constexpr const char* kVariables[] = {"UCSPITLS", "SSLCTLFD", "SSLREADFD", "SSLWRITEFD"};

std::optional<int> descriptor_of(const char* variable) {
  const auto value = sys::environment_value(variable);
  const auto number = value ? base::parse_u64(*value) : std::nullopt;
  if (!number || *number > kDescriptorMax) {
    return std::nullopt;
  }
  return static_cast<int>(*number);
}

class TlsByListener final : public tls::StartTls {
 public:
  TlsByListener(bool allowed, int control, int input, int output)
      : allowed_(allowed), control_(control), input_(input), output_(output) {}

  bool offered() override { return allowed_; }

  Result<tls::TlsOutcome> begin(const tls::TlsRequest& /*request*/,
                                sys::Connection& clear) override {
    if (auto begun = begin(clear.input(), clear.output()); !begun) {
      return temporary(handshake_failed(begun.error()));
    }
    return tls::TlsOutcome();
  }

 private:
  [[nodiscard]] Result<void> begin(int client_input, int client_output) const {
    if (auto told = sys::write_all(control_, kBegin); !told) {
      return told;
    }
    if (auto moved = sys::duplicate_to(input_, client_input); !moved) {
      return moved;
    }
    if (auto moved = sys::duplicate_to(output_, client_output); !moved) {
      return moved;
    }
    // All three may be the same one, or one of those just replaced.
    for (const int fd : {control_, input_, output_}) {
      if (fd >= kFirstOwn && fd != client_input && fd != client_output) {
        sys::close_descriptor(fd);
      }
    }
    for (const char* name : kVariables) {
      (void)sys::take_environment_value(name);
    }
    return {};
  }

  bool allowed_;
  int control_;
  int input_;
  int output_;
};

}  // namespace

std::unique_ptr<tls::StartTls> tls_by_listener(bool allowed) {
  const ListenerTlsWish wish = listener_tls_wish();
  if (wish == ListenerTlsWish::unset || wish == ListenerTlsWish::off) {
    return nullptr;
  }
  const auto control = descriptor_of("SSLCTLFD");
  const auto input = descriptor_of("SSLREADFD");
  const auto output = descriptor_of("SSLWRITEFD");
  if (!control || !input || !output) {
    return nullptr;
  }
  return std::make_unique<TlsByListener>(allowed, *control, *input, *output);
}

}  // namespace reqmail::listen
