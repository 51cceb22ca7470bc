#include "sys/usage.h"

#include <unistd.h>

#include "sys/exits.h"
#include "sys/stream.h"

namespace reqmail::sys {

void answer_help(int argc, const char* const* argv, std::string_view usage) {
  if (argc == 2 && std::string_view(argv[1]) == "--help") {
    finish(write_all(STDOUT_FILENO, usage) ? kExitSuccess : kExitTemporary);
  }
}

void refuse_arguments(std::string_view usage) {
  (void)write_all(STDERR_FILENO, usage);
  finish(kExitPermanent);
}

}  // namespace reqmail::sys
