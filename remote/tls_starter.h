// How a delivery comes to speak TLS: in this process, or by handing it over to another program.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "base/time.h"
#include "remote/handover.h"
#include "sys/connection.h"

namespace reqmail::remote {

struct TlsDemand {
  // The connected socket, which stays its owner's.
  int socket = -1;
  // The server's name, for SNI and for verification; may be empty.
  std::string name;
  // The file with the CAs that must vouch for the server; absent: nothing is verified.
  std::optional<std::string> trusted;
  // Of each wait, and for all.
  base::Seconds timeout;
  std::chrono::milliseconds end;
};

class TlsStarter {
 public:
  TlsStarter() = default;
  TlsStarter(const TlsStarter&) = delete;
  TlsStarter& operator=(const TlsStarter&) = delete;
  TlsStarter(TlsStarter&&) = delete;
  TlsStarter& operator=(TlsStarter&&) = delete;
  virtual ~TlsStarter() = default;

  // The handshake, and verification where it is asked for. The text of a Failure is for
  // tls_report(). `state` tells all that another program needs to go on; where one does, this
  // does not return.
  virtual Result<std::unique_ptr<sys::Connection>> start(
      const TlsDemand& demand, const std::function<Handover()>& state) = 0;
};

}  // namespace reqmail::remote
