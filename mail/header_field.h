// Finds the beginning of header fields, and knows the fields that qmail-inject treats specially
// (qmail-header(5)).
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace reqmail::mail {

enum class FieldName {
  other,
  resent_sender,
  resent_from,
  resent_reply_to,
  resent_to,
  resent_cc,
  resent_bcc,
  resent_date,
  resent_message_id,
  sender,
  from,
  reply_to,
  to,
  cc,
  bcc,
  date,
  message_id,
  return_path,
  return_receipt_to,
  errors_to,
  apparently_to,
  content_length,
  mail_followup_to,
};

// The kinds of lines in a header.
enum class LineKind {
  field,         // a name, then perhaps blanks, then a colon
  mbox_line,     // begins with "From ", even if a colon follows
  continuation,  // begins with a blank or tab
  end_of_header,
  undecided,  // the beginning of the line is too short to decide
};

// Returns the kind of a line from its beginning; it is undecided only if `line` has no LF. A
// name consists of at least one character from 33 to 126.
LineKind line_kind(std::string_view line);

// The parts of a field.
struct FieldParts {
  std::string_view name;
  std::string_view value;  // everything after the colon, with the final LF
};

// Splits a field at its colon; returns nullopt if it has none or is an mbox line.
std::optional<FieldParts> split_field(std::string_view field);

// Returns whether a text consists of complete fields that may be put on top of a message: each
// line ends in LF, and there are no other control characters but tabs, no lines of blanks, and
// no mbox line. The empty text does.
bool are_fields(std::string_view text);

// Looks a name up, without regard to case.
FieldName field_name(std::string_view name);

// Returns whether the field has addresses that qmail-inject completes.
bool has_addresses(FieldName name);

// Returns whether the field switches to resent mode.
bool is_resent(FieldName name);

}  // namespace reqmail::mail
