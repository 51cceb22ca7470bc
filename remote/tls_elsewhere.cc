#include "remote/tls_elsewhere.h"

#include <limits>
#include <utility>

#include "base/number.h"
#include "base/text.h"
#include "sys/env.h"
#include "sys/error.h"
#include "sys/fd.h"
#include "sys/process.h"
#include "sys/secrets.h"

namespace reqmail::remote {

namespace {

constexpr const char* kProgram = "bin/qmail-remote-tls";
constexpr const char* kVariable = "QMAILREMOTETLS";
constexpr std::size_t kStateMax = std::size_t{16} << 20;
constexpr int kFirstDescriptor = 3;

class ExecutedTls final : public TlsStarter {
 public:
  explicit ExecutedTls(std::vector<std::string> arguments) : arguments_(std::move(arguments)) {}

  Result<std::unique_ptr<sys::Connection>> start(
      const TlsDemand& demand, const std::function<Handover()>& state) override {
    std::string text = encode_handover(state());
    auto file = sys::make_secret_file(text);
    sys::wipe(text);
    if (!file) {
      return failed(file.error());
    }
    sys::Environment environment = sys::Environment::current();
    environment.set(kVariable, base::decimal(static_cast<std::uint64_t>(file->get())));
    sys::set_close_on_exec(file->get(), false);
    sys::set_close_on_exec(demand.socket, false);
    const Failure failure = sys::replace_program(kProgram, arguments_, environment.strings());
    sys::set_close_on_exec(demand.socket, true);
    return failed(failure);
  }

 private:
  static Failure failed(const Failure& failure) {
    return temporary(base::concat({"TLS connect failed: unable to run ", kProgram, ": ",
                                   sys::error_text(failure.error), "; connected to"}));
  }

  std::vector<std::string> arguments_;
};

}  // namespace

std::unique_ptr<TlsStarter> remote_tls_elsewhere(std::vector<std::string> arguments) {
  return std::make_unique<ExecutedTls>(std::move(arguments));
}

Result<std::optional<Handover>> take_remote_handover() {
  const auto value = sys::take_environment_value(kVariable);
  if (!value) {
    return std::optional<Handover>();
  }
  const auto number = base::parse_u64(*value);
  if (!number || *number < kFirstDescriptor ||
      *number > static_cast<std::uint64_t>(std::numeric_limits<int>::max())) {
    return permanent("no descriptor");
  }
  auto text = sys::take_secret_file(sys::Fd(static_cast<int>(*number)), kStateMax);
  if (!text) {
    return text.error();
  }
  auto handover = decode_handover(*text);
  sys::wipe(*text);
  if (!handover || handover->socket < kFirstDescriptor) {
    return permanent("no state of a delivery");
  }
  sys::set_close_on_exec(handover->socket, true);
  return handover;
}

}  // namespace reqmail::remote
