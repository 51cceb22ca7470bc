// The success notice of qreceipt(1): finds out who asks for one, and composes it. This code
// does no input or output.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace reqmail::local {

// Finds out from the header of a message whether the sender wants a notice of delivery.
class ReceiptRequest {
 public:
  explicit ReceiptRequest(std::string_view address) : address_(address) {}

  // Examines a field. It is a permanent Failure if a field that should say who wants a notice
  // cannot be parsed; its text is "unable to parse this: FIELD" with the field's LF at its end.
  Result<void> look(std::string_view field);

  [[nodiscard]] bool wanted() const { return wanted_; }

  // Returns the notice for `sender`.
  [[nodiscard]] std::string notice(std::string_view sender) const;

 private:
  std::string address_;
  std::string message_id_;
  bool wanted_ = false;
};

}  // namespace reqmail::local
