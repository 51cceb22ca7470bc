#include "listen/tls_by_exec.h"

#include <utility>

#include "listen/tls_wish.h"

namespace reqmail::listen {

namespace {

class TlsByExec final : public tls::StartTls {
 public:
  TlsByExec(tls::Successor successor, bool allowed)
      : successor_(std::move(successor)), allowed_(allowed) {}

  bool offered() override { return allowed_ && has_certificate(); }

  Result<void> prepare(const tls::TlsRequest& request) override {
    return tls::execute(successor_, request.state());
  }

  Result<tls::TlsOutcome> begin(const tls::TlsRequest& /*request*/,
                                sys::Connection& /*clear*/) override {
    return temporary("no TLS in this program");
  }

 private:
  tls::Successor successor_;
  bool allowed_;
};

}  // namespace

std::unique_ptr<tls::StartTls> tls_by_exec(tls::Successor successor, bool allowed) {
  return std::make_unique<TlsByExec>(std::move(successor), allowed);
}

}  // namespace reqmail::listen
