// Interprets a .qmail-default file without running it: those of vpopmail domains bounce mail
// for unknown addresses.
#pragma once

#include <string_view>

namespace reqmail::proto {

enum class DefaultDelivery {
  takes_all,  // every address is delivered
  bounces,    // no address is (bounce-no-mailbox)
  vpopmail,   // vdelivermail delivers to its users, and bounces other mail
};

DefaultDelivery default_delivery(std::string_view dot_qmail);

}  // namespace reqmail::proto
