// All that is judged about one message: SPF of its sender, DKIM, ARC, DMARC.
//
// The message comes in pieces and is hashed as it comes; nothing of its body is kept. Once it
// has ended, judge() asks the name servers, for everything at the same time.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth822/author.h"
#include "auth822/dmarc_check.h"
#include "auth822/message_header.h"
#include "auth822/spf_check.h"
#include "judge/arc.h"
#include "judge/dkim.h"
#include "judge/signatures.h"
#include "net/dns_resolver.h"

namespace reqmail::judge {

struct MessageResults {
  std::optional<auth822::SpfResult> spf;
  std::vector<DkimResult> dkim;
  ArcResult arc;
  auth822::DmarcResult dmarc;  // none where it was not asked for
  auth822::Author author;
};

struct MessageOptions {
  // Absent if the client is not known.
  std::optional<auth822::SpfRequest> spf = std::nullopt;
  // What SPF has said about that before; absent: it is to be asked.
  std::optional<auth822::SpfResult> spf_result = std::nullopt;
  bool dmarc = true;
};

class MessageCheck {
 public:
  // `time` in seconds since 1970.
  MessageCheck(MessageOptions options, std::uint64_t time);

  // A piece of the message, lines ended by LF.
  void take(std::string_view piece);

  // After the last piece. What is not answered at `end`, on the clock of sys::monotonic(),
  // counts as temporary trouble.
  MessageResults judge(net::DnsResolver& resolver, std::chrono::milliseconds end);

 private:
  void begin_body();
  [[nodiscard]] auth822::DmarcRequest dmarc_request(const MessageResults& results) const;

  MessageOptions options_;
  std::uint64_t time_;
  auth822::HeaderCutter cutter_;
  // Of a header that is too long nothing is verified, but its author counts: readers see it.
  auth822::MessageHeader header_;
  auth822::Author author_;
  BodyHashes bodies_;
  std::unique_ptr<DkimCheck> dkim_;
  std::unique_ptr<ArcCheck> arc_;
};

}  // namespace reqmail::judge
