// What a milter wants changed in a message, and the change of header and envelope. The body is
// not here: it may be too large for memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "mail/header_text.h"

namespace reqmail::filter {

struct MessageEdit {
  enum class Kind {
    add_field,         // after the last one
    insert_field,      // before the one that has `index` fields before it
    change_field,      // the one that has `index` - 1 fields of its name before it
    add_recipient,     // `value`
    delete_recipient,  // `value`
    change_sender,     // `value`
    quarantine,        // `value` says why
  };

  Kind kind;
  std::uint32_t index = 0;
  std::string name = {};
  std::string value = {};
};

// A field that marks a message which a milter puts into quarantine.
inline constexpr std::string_view kQuarantineField = "X-Milter-Quarantine";

// A field as it is stored. Lines of the value end with LF or CR LF; if one does not begin with
// a blank, it is made a folded line, so that no value is more than one field. `space`: a blank
// is put after the colon.
std::string milter_field(std::string_view name, std::string_view value, bool space);

// Whether a field may have this name (RFC 5322 section 3.6.8).
bool is_field_name(std::string_view name);

// The address in angle brackets, or the whole text.
std::string_view without_brackets(std::string_view text);

// Changes the header in the order of the edits. A field that is changed to nothing is removed;
// one that is not there is added. `space`: see milter_field().
void edit_header(const std::vector<MessageEdit>& edits, bool space, mail::HeaderText& header);

// The same for an envelope; `recipients` has each address followed by NUL.
void edit_envelope(const std::vector<MessageEdit>& edits, std::string& sender,
                   std::string& recipients);

}  // namespace reqmail::filter
