#include "auth822/canonical.h"

#include "auth822/tag_list.h"
#include "base/ascii.h"

namespace reqmail::auth822 {

namespace {

constexpr std::string_view kLineEnd = "\r\n";

std::string simple_field(std::string_view raw) {
  std::string field;
  for (const char c : raw) {
    if (c == '\n') {
      field.append(kLineEnd);
    } else {
      field.push_back(c);
    }
  }
  if (!raw.ends_with('\n')) {
    field.append(kLineEnd);
  }
  return field;
}

// Unfolded, runs of blanks as one, none at either end.
std::string relaxed_value(std::string_view value) {
  std::string relaxed;
  bool blanks = false;
  for (const char c : value) {
    if (c == '\n') {
      continue;
    }
    if (base::is_blank(c)) {
      blanks = true;
      continue;
    }
    if (blanks && !relaxed.empty()) {
      relaxed.push_back(' ');
    }
    blanks = false;
    relaxed.push_back(c);
  }
  return relaxed;
}

}  // namespace

std::string canonical_field(const RawField& field, Canonical form) {
  if (form == Canonical::simple) {
    return simple_field(field.raw);
  }
  std::string relaxed = field.name + ":" + relaxed_value(field.value());
  relaxed.append(kLineEnd);
  return relaxed;
}

void CanonicalBody::put(char c, std::string& out) {
  for (; line_ends_ > 0; --line_ends_) {
    out.append(kLineEnd);
  }
  if (blanks_) {
    out.push_back(' ');
    blanks_ = false;
  }
  out.push_back(c);
  empty_ = false;
}

void CanonicalBody::feed(std::string_view piece, std::string& out) {
  for (const char c : piece) {
    if (c == '\n') {
      blanks_ = false;
      ++line_ends_;
    } else if (form_ == Canonical::relaxed && base::is_blank(c)) {
      blanks_ = true;
    } else {
      put(c, out);
    }
  }
}

void CanonicalBody::end(std::string& out) {
  if (!empty_ || form_ == Canonical::simple) {
    out.append(kLineEnd);
  }
}

}  // namespace reqmail::auth822
