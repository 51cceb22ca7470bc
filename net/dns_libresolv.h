// Queries by the system's resolver library, which uses /etc/resolv.conf and its time limits,
// UDP with EDNS0, and TCP for answers that do not fit.
#pragma once

#include <memory>

#include "net/dns.h"

namespace reqmail::net {

class SystemDns : public DnsTransport {
 public:
  SystemDns();
  SystemDns(const SystemDns&) = delete;
  SystemDns& operator=(const SystemDns&) = delete;
  SystemDns(SystemDns&&) = delete;
  SystemDns& operator=(SystemDns&&) = delete;
  ~SystemDns() override;

  // Whether answers may be taken for verified if the name servers say so; unless this is
  // called, they are not. Called before the first question.
  void believe_verification() { believes_ = true; }

  // /etc/resolv.conf is read at the first question.
  Result<std::string> ask(const DnsName& name, DnsType type) override;

 private:
  struct State;
  std::unique_ptr<State> state_;
  bool believes_ = false;
};

}  // namespace reqmail::net
