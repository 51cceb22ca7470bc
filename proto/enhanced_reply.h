// Enhanced status codes (RFC 2034, RFC 3463) in the replies of the SMTP server. qmail writes
// such a code in parentheses at the end of a text; the extension wants it in front.
#pragma once

#include <string>
#include <string_view>

namespace reqmail::proto {

// Returns `replies`, whole lines with CR LF, each reply with its status code after the reply
// code on every line. The status is the one that the reply has, in front or as "(#x.y.z)" at
// the end of a line, from where it is removed; its class becomes that of the reply code. A
// reply without one gets `status` if it is positive, X.0.0 otherwise. Replies of the class 3
// stay as they are: they are no results.
std::string enhanced_reply(std::string_view replies, std::string_view status);

}  // namespace reqmail::proto
