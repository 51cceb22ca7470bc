#include "mail/signing.h"

#include <utility>

namespace reqmail::mail {

namespace {

// The first byte of a request.
constexpr char kWithDkim = 'd';
constexpr char kWithoutDkim = 'n';

// The first byte of an answer, and its last one, which shows that it is complete and occurs
// nowhere else.
constexpr char kFields = 'f';
constexpr char kFailure = 'e';
constexpr char kEnd = '\0';

}  // namespace

std::string signing_request(const SigningRequest& request) {
  return (request.dkim ? kWithDkim : kWithoutDkim) + request.sender;
}

std::optional<SigningRequest> parse_signing_request(std::string_view packet) {
  if (!packet.starts_with(kWithDkim) && !packet.starts_with(kWithoutDkim)) {
    return std::nullopt;
  }
  return SigningRequest{packet.front() == kWithDkim, std::string(packet.substr(1))};
}

std::string signing_answer(const Result<std::string>& fields) {
  std::string answer = fields ? kFields + *fields : kFailure + fields.error().text;
  return answer += kEnd;
}

std::optional<Result<std::string>> parse_signing_answer(std::string_view answer) {
  if (answer.size() < 2 || answer.find(kEnd) != answer.size() - 1) {
    return std::nullopt;
  }
  std::string text(answer.substr(1, answer.size() - 2));
  if (answer.front() == kFields) {
    return Result<std::string>(std::move(text));
  }
  if (answer.front() == kFailure) {
    return Result<std::string>(temporary(std::move(text)));
  }
  return std::nullopt;
}

}  // namespace reqmail::mail
