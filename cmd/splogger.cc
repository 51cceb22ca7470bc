// splogger: passes lines on to syslog.
//
// Runs as: whoever starts it; qmaill below qmail-start
// Reads: lines on descriptor 0
// Writes: syslog
// Executes: nothing
// Trusts: nothing; every byte that is not printable ASCII is masked
// Exits: 0 111

#include <syslog.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/log_splitter.h"
#include "base/number.h"
#include "base/text.h"
#include "sys/clock.h"
#include "sys/exits.h"
#include "sys/program.h"
#include "sys/stream.h"

namespace base = reqmail::base;
namespace sys = reqmail::sys;

namespace {

constexpr std::size_t kReadSize = 4096;
// The code of a facility is its number times 8; this is the highest number that fits into a
// priority.
constexpr std::uint64_t kFacilityMax = LOG_FACMASK >> 3;

int facility_from(const char* argument) {
  const std::uint64_t number = base::leading_number(argument).value_or(0);
  // openlog() refuses a number beyond the range and keeps the facility "user".
  return static_cast<int>(std::min(number, kFacilityMax + 1) << 3);
}

// Returns the time in seconds since 1970 with six decimals.
std::string stamp() {
  const sys::PreciseTime now = sys::precise_now();
  return base::concat({base::decimal(static_cast<std::uint64_t>(base::to_epoch(now.seconds))),
                       ".",
                       base::decimal_padded(static_cast<std::uint64_t>(now.microseconds), 6)});
}

int level(base::LogPriority priority) {
  switch (priority) {
  case base::LogPriority::alert:
    return LOG_ALERT;
  case base::LogPriority::warning:
    return LOG_WARNING;
  case base::LogPriority::info:
    break;
  }
  return LOG_INFO;
}

// All pieces of a line have the time stamp of the first one.
void log(const base::LogPiece& piece, std::string& line_stamp) {
  if (!piece.continued) {
    line_stamp = stamp();
  }
  ::syslog(level(piece.priority), "%s%c%s", line_stamp.c_str(), piece.continued ? '+' : ' ',
           piece.text.c_str());
}

}  // namespace

int main(int argc, char** argv) {
  const sys::Program program;
  ::openlog(argc > 1 ? argv[1] : "splogger", 0, argc > 2 ? facility_from(argv[2]) : LOG_MAIL);
  base::LogSplitter splitter;
  std::string line_stamp;
  std::array<char, kReadSize> buffer;
  for (;;) {
    auto count = sys::read_some(0, buffer.data(), buffer.size());
    if (!count || *count == 0) {
      break;
    }
    std::string_view input(buffer.data(), *count);
    while (!input.empty()) {
      if (const auto piece = splitter.take(input)) {
        log(*piece, line_stamp);
      }
    }
  }
  if (const auto piece = splitter.rest()) {
    log(*piece, line_stamp);
  }
  sys::finish(sys::kExitSuccess);
}
