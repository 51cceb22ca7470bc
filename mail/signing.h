// What qmail-remote and a qmail-sign that stays say to each other (qmail-sign(8)): a request is
// a packet that brings descriptors of the message and of a pipe; the answer comes through the
// pipe and ends with it.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace reqmail::mail {

// The only argument of a qmail-sign that stays.
inline constexpr std::string_view kSignerStays = "stay";

// The longest request: a sender is never longer (spawn/protocol.h).
inline constexpr std::size_t kSigningRequestMax = std::size_t{65} << 10;

struct SigningRequest {
  // Whether the message is to be signed with DKIM.
  bool dkim = true;
  // The envelope sender.
  std::string sender;
};

std::string signing_request(const SigningRequest& request);

// Returns nullopt if the packet is no request.
std::optional<SigningRequest> parse_signing_request(std::string_view packet);

// The answer has the header fields, or the text of the Failure.
std::string signing_answer(const Result<std::string>& fields);

// Returns nullopt if the answer is incomplete, which that of a signer that died is. The Failure
// is temporary.
std::optional<Result<std::string>> parse_signing_answer(std::string_view answer);

}  // namespace reqmail::mail
