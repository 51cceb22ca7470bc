// What a .qmail-default file says about the addresses that it serves, without running it: those
// of vpopmail domains bounce what they do not know.
#pragma once

#include <string_view>

namespace reqmail::proto {

enum class DefaultDelivery {
  takes_all,  // every address is delivered
  bounces,    // none is (bounce-no-mailbox)
  vpopmail,   // vdelivermail delivers to its users, and bounces everything else
};

DefaultDelivery default_delivery(std::string_view dot_qmail);

}  // namespace reqmail::proto
