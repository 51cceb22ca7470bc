#include "queue/submission.h"

#include "mail/dsn.h"

namespace reqmail::queue {

mail::QueueCaller caller_of(std::optional<sys::Account> account) {
  if (account == sys::Account::alias) {
    return mail::QueueCaller::alias;
  }
  if (account == sys::Account::qmaild) {
    return mail::QueueCaller::network;
  }
  if (account == sys::Account::qmails) {
    return mail::QueueCaller::bounce;
  }
  return mail::QueueCaller::user;
}

std::string kept_wishes(const std::optional<std::string>& value) {
  const auto request = value ? mail::parse_dsn_text(*value) : std::nullopt;
  return request && !request->empty() ? mail::dsn_text(*request) : std::string();
}

}  // namespace reqmail::queue
