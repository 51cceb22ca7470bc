// Results in the words of Authentication-Results (RFC 8601 section 2): method, result and
// properties, without line ends.
#pragma once

#include <string>
#include <vector>

#include "auth822/spf_check.h"
#include "judge/message.h"

namespace reqmail::judge {

std::string spf_text(const auth822::SpfRequest& request, const auth822::SpfResult& result);
std::string dkim_text(const DkimResult& result);
std::string arc_text(const ArcResult& result);
std::string dmarc_text(const MessageResults& results);

}  // namespace reqmail::judge
