// Header fields: where one begins, and which ones qmail-inject knows (qmail-header(5)).
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

// What a line of a message can be while the header lasts.
enum class LineKind {
  field,         // a name, blanks perhaps, a colon
  mbox_line,     // begins with "From ", even if a colon follows
  continuation,  // begins with a blank or tab
  end_of_header,
  undecided,  // too little of the line has been seen
};

// What a line is, judged by its beginning; undecided only where `line` has no LF. A name has
// characters 33 to 126, and at least one.
LineKind line_kind(std::string_view line);

// Where the name of a field ends: `colon` is the offset of the colon behind it, past blanks.
struct FieldParts {
  std::string_view name;
  std::string_view value;  // behind the colon, with the final LF
};

// A field cut at its colon, nothing where it is none, as an mbox line.
std::optional<FieldParts> split_field(std::string_view field);

// A name without regard to case.
FieldName field_name(std::string_view name);

// Whether the field holds addresses that qmail-inject completes.
bool has_addresses(FieldName name);

// Whether the field switches to resent mode.
bool is_resent(FieldName name);

}  // namespace reqmail::mail
