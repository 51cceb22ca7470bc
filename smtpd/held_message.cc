#include "smtpd/held_message.h"

#include <algorithm>
#include <utility>

#include "smtpd/own_time.h"

namespace reqmail::smtpd {

void HeldMessage::take(std::string_view block) {
  cutter_.take(
      block,
      [this](mail::HeaderText header) {
        has_empty_line_ = true;
        header_ = std::move(header);
      },
      [this](std::string_view body) { body_.append(body); });
}

void HeldMessage::end() {
  cutter_.end([this](mail::HeaderText header) { header_ = std::move(header); });
  header_.separate_folded_top();
}

void HeldMessage::replace_body(HeldBytes body) {
  body_ = std::move(body);
  has_empty_line_ = true;
}

Result<void> HeldMessage::each(const std::function<void(std::string_view)>& take) const {
  for (std::string_view rest = header_.text(); !rest.empty();) {
    take(rest.substr(0, kHeldPiece));
    rest.remove_prefix(std::min(rest.size(), kHeldPiece));
  }
  if (has_empty_line_) {
    take("\n");
  }
  return body_.each(take);
}

void HeldSink::take(std::string_view block) {
  if (given_up_) {
    return;
  }
  message_.take(block);
  with_own_time(patience_, rate_, [this, block]() {
    for (MessageObserver* observer : observers_) {
      observer->take(block);
    }
  });
}

}  // namespace reqmail::smtpd
