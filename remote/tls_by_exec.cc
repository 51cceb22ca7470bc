#include "remote/tls_by_exec.h"

#include <utility>

#include "base/text.h"
#include "base/wipe.h"
#include "sys/error.h"
#include "sys/fd.h"
#include "tls/successor.h"

namespace reqmail::remote {

namespace {

constexpr const char* kProgram = "bin/qmail-remote-tls";
constexpr const char* kVariable = "QMAILREMOTETLS";

class TlsByExec final : public tls::StartTls {
 public:
  TlsByExec(std::vector<std::string> arguments, PrepareTls prepare)
      : successor_{kProgram, std::move(arguments), kVariable}, prepare_(std::move(prepare)) {}

  Result<tls::TlsOutcome> begin(const tls::TlsRequest& request,
                                sys::Connection& clear) override {
    std::string state = request.state();
    auto kept = prepare_ ? prepare_() : std::optional(std::vector<int>());
    if (!kept) {
      base::wipe(state);
      return temporary("TLS connect failed: unable to pass the message on; connected to");
    }
    kept->push_back(clear.input());
    const Failure failure = tls::execute_with_secret(successor_, state, *kept);
    return temporary(base::concat({"TLS connect failed: unable to run ", kProgram, ": ",
                                   sys::error_text(failure.error), "; connected to"}));
  }

 private:
  tls::Successor successor_;
  PrepareTls prepare_;
};

}  // namespace

std::unique_ptr<tls::StartTls> remote_tls_by_exec(std::vector<std::string> arguments,
                                                  PrepareTls prepare) {
  return std::make_unique<TlsByExec>(std::move(arguments), std::move(prepare));
}

Result<std::optional<Handover>> take_remote_handover() {
  auto state = tls::take_secret_state(kVariable);
  if (!state) {
    return state.error();
  }
  if (!*state) {
    return std::optional<Handover>();
  }
  auto handover = decode_handover(**state);
  base::wipe(**state);
  if (!handover || handover->socket < tls::kFirstHandedOver) {
    return permanent("no state of a delivery");
  }
  if (handover->signer && handover->signer->output < tls::kFirstHandedOver) {
    return permanent("no signer of a delivery");
  }
  if (handover->stay && handover->stay->message < tls::kFirstHandedOver) {
    return permanent("no message of a delivery");
  }
  sys::set_close_on_exec(handover->socket, true);
  if (handover->stay) {
    sys::set_close_on_exec(handover->stay->message, true);
  }
  return handover;
}

}  // namespace reqmail::remote
