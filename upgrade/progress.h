// The messages of qmail-upgrade while it works: a line at a time, written at once.
#pragma once

#include <initializer_list>
#include <string_view>

#include "base/text.h"
#include "sys/stream.h"

namespace reqmail::upgrade {

class Progress {
 public:
  explicit Progress(sys::Writer& out) : out_(out) {}

  void operator()(std::initializer_list<std::string_view> parts) {
    // Whether anybody reads it changes nothing in what is done.
    (void)out_.put(base::concat(parts));
    (void)out_.put("\n");
    (void)out_.flush();
  }

 private:
  sys::Writer& out_;
};

}  // namespace reqmail::upgrade
