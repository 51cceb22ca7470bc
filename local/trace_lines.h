// The three lines of a delivery, as mailboxes and programs get them.
#pragma once

#include <string>

namespace reqmail::local {

// Each with its line feed; see mail/trace.h.
struct TraceLines {
  std::string from;
  std::string return_path;
  std::string delivered_to;
};

}  // namespace reqmail::local
