#include "local/tools/receipt.h"

#include <vector>

#include "base/ascii.h"
#include "base/text.h"
#include "mail/address.h"
#include "mail/address_list.h"
#include "mail/header_field.h"
#include "mail/token822.h"

namespace reqmail::local {

Result<void> ReceiptRequest::look(std::string_view field) {
  const auto parts = mail::split_field(field);
  if (!parts) {
    return {};
  }
  if (base::equal_ci(parts->name, "message-id")) {
    message_id_ = field;
  }
  if (!base::equal_ci(parts->name, "notice-requested-upon-delivery-to")) {
    return {};
  }
  auto tokens = mail::tokenize(parts->value);
  const bool readable =
      tokens && mail::rewrite_addresses(*tokens, [this](std::vector<mail::Token>& address) {
        wanted_ = wanted_ || mail::plain_text(address) == address_;
        return true;
      });
  if (!readable) {
    return permanent(base::concat({"unable to parse this: ", field}));
  }
  return {};
}

std::string ReceiptRequest::notice(std::string_view sender) const {
  constexpr std::string_view kBody =
      ">\nSubject: success notice\n\n"
      "Hi! This is the qreceipt program. Your message was delivered to the\n"
      "following address: ";
  const std::string quoted = mail::quote_address(sender);
  std::string text = base::concat({"From: DELIVERY NOTICE SYSTEM <", quoted, ">\nTo: <", quoted,
                                   kBody, address_, ". Thanks for asking.\n"});
  if (!message_id_.empty()) {
    text += base::concat({"Your ", message_id_});
  }
  return text;
}

}  // namespace reqmail::local
