// A whole SMTP session over a connected stream: the machine of proto/smtp_server, fed with what
// the client sends, and its actions carried out.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "mail/received.h"
#include "net/local_addresses.h"
#include "proto/smtp_server.h"
#include "queue/injector.h"
#include "run/smtpd_config.h"
#include "sys/stream.h"

namespace reqmail::run {

// The name of the protocol in the Received line.
inline constexpr std::string_view kPlainSmtp = "SMTP";

class SmtpSession final : private proto::SmtpHost {
 public:
  // Takes the streams for the time of the session; replies are written when the next read would
  // have to wait for the client, so that a group of commands gets one packet of replies.
  SmtpSession(SmtpdConfig config, mail::NetworkPeer peer, sys::Reader& input,
              sys::Writer& output);

  // From the greeting to the end. The exit code of the program: 0 after QUIT, 1 after any other
  // end.
  int run();

 private:
  enum class Next { go_on, quit, hang_up };

  Result<bool> owns(const proto::Ipv4Octets& address) override;
  Result<bool> accepts(std::string_view domain) override;

  Next command();
  Next carry_out(const proto::SmtpStep& step);
  Next receive_message();
  Next transfer(queue::Injector& queue, proto::SmtpOutcome& outcome);
  Next lost_input(const Failure& failure);

  RcptHosts rcpthosts_;
  std::optional<net::LocalAddresses> own_addresses_;
  mail::NetworkPeer peer_;
  proto::SmtpServer server_;
  sys::Reader& input_;
  sys::Writer& output_;
  std::string line_;
};

}  // namespace reqmail::run
