// A time limit that ends the process.
#pragma once

#include <string_view>

#include "base/time.h"

namespace reqmail::sys {

// From its construction to its destruction the process has so much time; then SIGALRM writes a
// text, removes a file where one is set, and ends the process. One at a time.
class Deadline {
 public:
  // `text` must live for the whole process.
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

  // A file that must not stay when time is up; null: none. The path must live until it is
  // replaced or the deadline goes.
  void remove_at_end(const char* path);
};

}  // namespace reqmail::sys
