// What qmail-mailauth answers about a message, made of the results of its checks: the results
// in words, what DMARC says to do, the line for reports.
#pragma once

#include <cstdint>
#include <string>

#include "auth822/message_header.h"
#include "judge/message.h"
#include "judge/message_protocol.h"

namespace reqmail::judge {

// What is known of the client and its sender beside the message.
struct MessageOrigin {
  std::string client;         // its IP address
  std::string sender_domain;  // that SPF has looked at
  std::uint64_t time = 0;     // seconds since 1970
};

MessageAnswer message_answer(const MessageRequest& request, const MessageResults& results,
                             const MessageOrigin& origin);

}  // namespace reqmail::judge
