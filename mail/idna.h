// Internationalized domain names (IDNA 2008: RFC 5890, RFC 5891). Domains are compared and
// looked up as A-labels, so what people write as U-labels ("bücher.example" in UTF-8) is
// converted first. libidn2 does the work, with the mappings of its non-transitional TR46
// processing: NFC, lower case, full stops of other scripts. A build without libidn2 converts
// nothing, nor does a program that has chosen nobody to do it (mail/idna_conversion).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace reqmail::mail {

// Returns whether this build has libidn2.
bool can_convert_u_labels();

// Returns whether all bytes are ASCII.
bool is_ascii(std::string_view text);

// Returns whether the bytes are valid UTF-8 (RFC 3629: shortest forms, no surrogates).
bool is_utf8(std::string_view text);

// Returns the domain with A-labels in the place of its U-labels, in lower case. ASCII is
// returned as it is, even if it is not a domain. Returns nullopt if a label is not permitted or
// too long, if the bytes are not UTF-8, and for any U-label in a build without libidn2.
std::optional<std::string> to_a_labels(std::string_view domain);

// Returns an address whose domain has A-labels; its local part stays. Returns nullopt if
// to_a_labels() does.
std::optional<std::string> address_in_a_labels(std::string_view address);

// The same for those who refuse what has no A-labels: the Failure, without a text, is permanent
// if there are none, and temporary if whoever converts could not tell.
Result<std::string> find_a_labels(std::string_view domain);
Result<std::string> find_address_in_a_labels(std::string_view address);

// Returns a line of a control file with A-labels in its key: a domain, `.domain` or an address,
// possibly with a sign before it ("-@domain", "!domain"), up to the first ':' or '|'. A key
// that cannot be converted stays, and then equals no domain that is looked up.
std::string line_in_a_labels(std::string_view line);
std::vector<std::string> lines_in_a_labels(const std::vector<std::string>& lines);

// The same for those who can wait: a Failure, which is temporary, if whoever converts could not
// tell of one line.
Result<std::vector<std::string>> find_lines_in_a_labels(const std::vector<std::string>& lines);

}  // namespace reqmail::mail
