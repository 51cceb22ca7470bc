// Parses rules of tcpserver as text (tcprules(1)) and in compiled form, for what they put into
// the environment of qmail-smtpd.
#pragma once

#include <string_view>
#include <vector>

#include "base/result.h"
#include "legacy/script_text.h"

namespace reqmail::legacy {

// Parses lines `address:allow,NAME="value",...`; the character after '=' also ends the value.
std::vector<Setting> read_rules(std::string_view text);

// Parses the records of a cdb. It is a Failure if this is not a cdb or is damaged.
Result<std::vector<Setting>> read_rules_cdb(std::string_view file);

}  // namespace reqmail::legacy
