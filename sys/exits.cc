#include "sys/exits.h"

#include <unistd.h>

namespace reqmail::sys {

void finish(int code) {
  ::_exit(code);
}

}  // namespace reqmail::sys
