#include "mail/message_id.h"

#include "base/number.h"

namespace reqmail::mail {

std::optional<MessageId> MessageId::parse(std::string_view name) {
  const auto number = base::parse_u64(name);
  if (!number || (name.size() > 1 && name.front() == '0')) {
    return std::nullopt;
  }
  return MessageId(*number);
}

std::string MessageId::text() const {
  return base::decimal(number_);
}

}  // namespace reqmail::mail
