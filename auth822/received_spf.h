// The Received-SPF field (RFC 7208 section 9.1).
#pragma once

#include <string>

#include "auth822/spf_check.h"

namespace reqmail::auth822 {

// The whole field on one line, without a line end: the word, a comment that says in English
// what it means, and the addresses and names that were checked. Bytes of peers outside 32..126
// become
// "?".
std::string received_spf(const SpfRequest& request, const SpfResult& result);

}  // namespace reqmail::auth822
