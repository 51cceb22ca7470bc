#include "auth822/canonical.h"

#include <algorithm>

#include "base/ascii.h"

namespace reqmail::auth822 {

namespace {

constexpr std::string_view kLineEnd = "\r\n";

// How many bytes at the front the relaxed form leaves as they are: none if the first is a blank
// or a line end, else all up to a line end or a blank that is not a single space between two
// other bytes.
std::size_t relaxed_run(std::string_view text) {
  std::size_t size = 0;
  for (; size < text.size() && text[size] != '\n'; ++size) {
    if (base::is_blank(text[size])) {
      const bool between = size > 0 && text[size] == ' ' && size + 1 < text.size();
      if (!between || base::is_blank(text[size + 1]) || text[size + 1] == '\n') {
        break;
      }
    }
  }
  return size;
}

std::size_t unchanged_run(std::string_view text, Canonical form) {
  return form == Canonical::relaxed ? relaxed_run(text)
                                    : std::min(text.find('\n'), text.size());
}

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
  while (!value.empty()) {
    const std::size_t run = relaxed_run(value);
    if (run == 0) {
      blanks = blanks || value.front() != '\n';
      value.remove_prefix(1);
      continue;
    }
    if (blanks && !relaxed.empty()) {
      relaxed.push_back(' ');
    }
    blanks = false;
    relaxed.append(value.substr(0, run));
    value.remove_prefix(run);
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

void CanonicalBody::put(std::string_view run, std::string& out) {
  for (; line_ends_ > 0; --line_ends_) {
    out.append(kLineEnd);
  }
  if (blanks_) {
    out.push_back(' ');
    blanks_ = false;
  }
  out.append(run);
  empty_ = false;
}

void CanonicalBody::feed(std::string_view piece, std::string& out) {
  while (!piece.empty()) {
    const std::size_t run = unchanged_run(piece, form_);
    if (run > 0) {
      put(piece.substr(0, run), out);
    } else if (piece.front() == '\n') {
      blanks_ = false;
      ++line_ends_;
    } else {
      blanks_ = true;
    }
    piece.remove_prefix(std::max<std::size_t>(run, 1));
  }
}

void CanonicalBody::end(std::string& out) {
  if (!empty_ || form_ == Canonical::simple) {
    out.append(kLineEnd);
  }
}

}  // namespace reqmail::auth822
