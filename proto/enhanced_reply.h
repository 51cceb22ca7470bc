// Enhanced status codes (RFC 2034, RFC 3463) in the replies of the SMTP server. qmail writes
// such a code in parentheses at the end of a text, but the extension requires it at the
// beginning.
#pragma once

#include <string>
#include <string_view>

namespace reqmail::proto {

// Returns `replies`, which are whole lines with CR LF, with the status code of each reply after
// the reply code on every line. The status is the one in the text, either at its beginning or
// as "(#x.y.z)" at the end of a line, from where it is removed; its class becomes that of the
// reply code. A reply without a status gets `status` if it is positive, and X.0.0 otherwise.
// Replies of class 3 do not change, since they are not results.
std::string enhanced_reply(std::string_view replies, std::string_view status);

}  // namespace reqmail::proto
