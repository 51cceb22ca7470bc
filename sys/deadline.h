// A time limit that ends the process.
#pragma once

#include <string_view>

#include "base/time.h"

namespace reqmail::sys {

// From construction to destruction the process has this much time; then SIGALRM writes a text,
// removes a file if one is set, and ends the process. There may be only one at a time.
class Deadline {
 public:
  // `text` must live as long as the process.
  struct Ending {
    int code;
    int fd;
    std::string_view text;
  };

  Deadline(base::Seconds limit, const Ending& ending);
  Deadline(const Deadline&) = delete;
  Deadline& operator=(const Deadline&) = delete;
  Deadline(Deadline&&) = delete;
  Deadline& operator=(Deadline&&) = delete;
  ~Deadline();

  // Sets a file that is removed when the time is up; null means none. The path must live until
  // it is replaced or the deadline is destroyed.
  void remove_at_end(const char* path);
};

}  // namespace reqmail::sys
