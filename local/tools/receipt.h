// The success notice of qreceipt(1). The pure part: what asks for one, and what it says.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace reqmail::local {

// Collects from the header of a message whether the sender wants to know about the delivery.
class ReceiptRequest {
 public:
  explicit ReceiptRequest(std::string_view address) : address_(address) {}

  // Looks at a field. A Failure (permanent) where it should say who wants a notice but cannot
  // be read: "unable to parse this: FIELD", the field's own LF at its end.
  Result<void> look(std::string_view field);

  [[nodiscard]] bool wanted() const { return wanted_; }

  // The notice for `sender`.
  [[nodiscard]] std::string notice(std::string_view sender) const;

 private:
  std::string address_;
  std::string message_id_;
  bool wanted_ = false;
};

}  // namespace reqmail::local
