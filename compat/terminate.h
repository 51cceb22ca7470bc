// What happens when the C++ library gives up (std::terminate).
#pragma once

namespace reqmail::compat {

// Makes std::terminate call this function, which must not return. A program that calls this
// does without the library's own handler: that one describes the pending exception, for which
// it brings 47 KiB of a name decoder, and the limits of old run scripts count them.
void set_terminate_handler(void (*handler)());

}  // namespace reqmail::compat
