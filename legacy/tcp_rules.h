// Rules of tcpserver, as text (tcprules(1)) and compiled: what they put into the environment of
// qmail-smtpd.
#pragma once

#include <string_view>
#include <vector>

#include "base/result.h"
#include "legacy/script_text.h"

namespace reqmail::legacy {

// Lines `address:allow,NAME="value",...`; the character after '=' ends the value.
std::vector<Setting> read_rules(std::string_view text);

// The records of a cdb. A Failure where it is none, or damaged.
Result<std::vector<Setting>> read_rules_cdb(std::string_view file);

}  // namespace reqmail::legacy
