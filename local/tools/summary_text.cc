#include "local/tools/summary_text.h"

#include "base/ascii.h"
#include "base/terminal_text.h"
#include "mail/header_field.h"

namespace reqmail::local {

std::string_view value_of(std::string_view field) {
  const auto parts = mail::split_field(field);
  return parts ? base::trim_start(parts->value) : std::string_view();
}

void SummaryText::add_field(std::string_view field) {
  const auto parts = mail::split_field(field);
  if (parts && base::equal_ci(parts->name, "subject")) {
    (void)add_body(base::trim_start(parts->value));
  }
}

bool SummaryText::add_body(std::string_view piece) {
  text_ += base::terminal_safe(piece.substr(0, limit_ - text_.size()), '/');
  return text_.size() < limit_;
}

}  // namespace reqmail::local
