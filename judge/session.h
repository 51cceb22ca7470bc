// qmail-mailauth in a session of qmail-smtpd: questions and messages come in as frames
// (judge/protocol, judge/message_protocol), and are answered with what the name servers say.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "auth822/spf_check.h"
#include "base/ip_address.h"
#include "judge/message.h"
#include "judge/message_protocol.h"
#include "judge/protocol.h"
#include "net/dns_resolver.h"
#include "net/dns_servers.h"

namespace reqmail::judge {

class Session {
 public:
  explicit Session(net::DnsServers servers) : resolver_(std::move(servers)) {}

  // Takes the content of a frame. `answer`: the frame to send back, empty if there is none.
  // False: the frame makes no sense at this place, and the session is over.
  bool take(std::string_view content, std::string& answer);

 private:
  bool begin(std::string_view content);
  bool begin_message(std::string_view content);
  bool take_piece(std::string_view content);
  bool end_message(std::string& answer);
  bool judge_sender(std::string_view content, std::string& answer);
  [[nodiscard]] auth822::SpfRequest spf_request(const SenderRequest& request) const;
  [[nodiscard]] std::chrono::milliseconds end_of_step() const;

  net::DnsResolver resolver_;
  std::optional<SessionSettings> settings_;
  std::optional<base::IpAddress> client_;
  // Of the sender that was asked about last.
  std::optional<auth822::SpfRequest> spf_;
  std::optional<auth822::SpfResult> spf_result_;
  // The message under way.
  MessageRequest request_;
  std::unique_ptr<MessageCheck> message_;
};

// Serves whoever is at the other end of the socket until end of file, confined to talking and
// asking name servers. A Failure: the session could not begin, or broke.
Result<void> serve_session(int socket);

// The same with these name servers, in a process that is confined already and in which the
// library of crypto/ is prepared.
Result<void> converse(int socket, net::DnsServers servers);

}  // namespace reqmail::judge
