#include "srs/to_field.h"

#include <utility>

#include "base/ascii.h"
#include "base/text.h"

namespace reqmail::srs {

namespace {

bool is_to(std::string_view line) {
  const std::size_t colon = line.find(':');
  return colon != std::string_view::npos &&
         base::equal_ci(base::trim_end(line.substr(0, colon)), "to");
}

bool is_empty(std::string_view line) {
  return line == "\n" || line == "\r\n";
}

}  // namespace

ToField::ToField(std::string_view address) : field_(base::concat({"To: ", address, "\n"})) {}

std::string ToField::own_field() {
  return std::exchange(written_, true) ? std::string() : field_;
}

std::string ToField::next(std::string_view line) {
  if (!in_header_) {
    return std::string(line);
  }
  if (is_empty(line)) {
    in_header_ = false;
    return base::concat({own_field(), line});
  }
  const bool continues = base::is_blank(line.front());
  in_to_ = continues ? in_to_ : is_to(line);
  if (!in_to_) {
    return std::string(line);
  }
  return own_field();
}

std::string ToField::finish() {
  return in_header_ ? own_field() : std::string();
}

}  // namespace reqmail::srs
