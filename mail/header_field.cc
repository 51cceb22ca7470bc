#include "mail/header_field.h"

#include <algorithm>

#include "base/ascii.h"

namespace reqmail::mail {

namespace {

struct Row {
  std::string_view text;
  FieldName name;
  bool addresses;
  bool resent;
};

constexpr Row kFields[] = {
    {"resent-sender", FieldName::resent_sender, true, true},
    {"resent-from", FieldName::resent_from, true, true},
    {"resent-reply-to", FieldName::resent_reply_to, true, true},
    {"resent-to", FieldName::resent_to, true, true},
    {"resent-cc", FieldName::resent_cc, true, true},
    {"resent-bcc", FieldName::resent_bcc, true, true},
    {"resent-date", FieldName::resent_date, false, true},
    {"resent-message-id", FieldName::resent_message_id, false, true},
    {"sender", FieldName::sender, true, false},
    {"from", FieldName::from, true, false},
    {"reply-to", FieldName::reply_to, true, false},
    {"to", FieldName::to, true, false},
    {"cc", FieldName::cc, true, false},
    {"bcc", FieldName::bcc, true, false},
    {"date", FieldName::date, false, false},
    {"message-id", FieldName::message_id, false, false},
    {"return-path", FieldName::return_path, true, false},
    {"return-receipt-to", FieldName::return_receipt_to, true, false},
    {"errors-to", FieldName::errors_to, true, false},
    {"apparently-to", FieldName::apparently_to, true, false},
    {"content-length", FieldName::content_length, false, false},
    {"mail-followup-to", FieldName::mail_followup_to, false, false},
};

// The beginning of a line that separates messages in an mbox.
constexpr std::string_view kMboxLine = "From ";

const Row* find_row(FieldName name) {
  for (const Row& row : kFields) {
    if (row.name == name) {
      return &row;
    }
  }
  return nullptr;
}

// Returns whether this is a character of a field name (RFC 5322 section 3.6.8).
bool is_name_character(char c) {
  return c >= 33 && c <= 126 && c != ':';
}

// The offsets of the first character after the name, and of the first one after the blanks that
// may follow it.
struct Ends {
  std::size_t name = 0;
  std::size_t blanks = 0;
};

Ends name_ends(std::string_view line) {
  Ends ends;
  while (ends.name < line.size() && is_name_character(line[ends.name])) {
    ++ends.name;
  }
  ends.blanks = ends.name;
  while (ends.blanks < line.size() && base::is_blank(line[ends.blanks])) {
    ++ends.blanks;
  }
  return ends;
}

}  // namespace

LineKind line_kind(std::string_view line) {
  if (line.empty()) {
    return LineKind::undecided;
  }
  if (base::is_blank(line.front())) {
    return LineKind::continuation;
  }
  if (line.starts_with(kMboxLine)) {
    return LineKind::mbox_line;
  }
  const Ends ends = name_ends(line);
  if (ends.blanks == line.size()) {
    return LineKind::undecided;
  }
  return ends.name > 0 && line[ends.blanks] == ':' ? LineKind::field : LineKind::end_of_header;
}

std::optional<FieldParts> split_field(std::string_view field) {
  const Ends ends = name_ends(field);
  if (field.starts_with(kMboxLine) || ends.name == 0 || ends.blanks == field.size() ||
      field[ends.blanks] != ':') {
    return std::nullopt;
  }
  return FieldParts{field.substr(0, ends.name), field.substr(ends.blanks + 1)};
}

bool are_fields(std::string_view text) {
  bool any = false;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) {
      return false;
    }
    const std::string_view line = text.substr(0, end);
    const bool printable = std::all_of(line.begin(), line.end(), [](char c) {
      return c == '\t' || (static_cast<unsigned char>(c) >= ' ' && c != '\x7f');
    });
    const LineKind kind = line_kind(text.substr(0, end + 1));
    const bool continued = any && kind == LineKind::continuation &&
                           line.find_first_not_of(" \t") != std::string_view::npos;
    if (!printable || (kind != LineKind::field && !continued)) {
      return false;
    }
    any = true;
    text.remove_prefix(end + 1);
  }
  return true;
}

FieldName field_name(std::string_view name) {
  for (const Row& row : kFields) {
    if (base::equal_ci(row.text, name)) {
      return row.name;
    }
  }
  return FieldName::other;
}

bool has_addresses(FieldName name) {
  const Row* row = find_row(name);
  return row != nullptr && row->addresses;
}

bool is_resent(FieldName name) {
  const Row* row = find_row(name);
  return row != nullptr && row->resent;
}

}  // namespace reqmail::mail
