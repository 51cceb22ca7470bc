// TLS of forked sessions by OpenSSL in this program.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "listen/tls_here.h"
#include "smtpd/forked_tls.h"

namespace reqmail::smtpd {

class ForkedTlsHere final : public ForkedTls {
 public:
  void load(const SmtpdFiles& files, const std::vector<std::string>& arguments) override;

  void forget() override { ready_.reset(); }

  std::unique_ptr<tls::StartTls> make(const SmtpdFiles& files,
                                      const SmtpdEnvironment& environment) override;

 private:
  std::optional<listen::ReadyTls> ready_;
  bool has_rehearsed_ = false;
};

}  // namespace reqmail::smtpd
