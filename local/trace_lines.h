// The three lines that a delivery adds before a message.
#pragma once

#include <string>

namespace reqmail::local {

// Each line has its line feed; see mail/trace.h.
struct TraceLines {
  std::string from;
  std::string return_path;
  std::string delivered_to;
};

}  // namespace reqmail::local
