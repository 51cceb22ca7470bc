// Prints the progress of qmail-upgrade, one line at a time and at once.
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
    // An error of writing does not stop the upgrade.
    (void)out_.put(base::concat(parts));
    (void)out_.put("\n");
    (void)out_.flush();
  }

 private:
  sys::Writer& out_;
};

}  // namespace reqmail::upgrade
