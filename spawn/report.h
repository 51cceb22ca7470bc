// Makes the report for qmail-send from the output of a child and how it ended.
// mail/verdict_codec.h has the meaning of exit codes; this code handles output that is too
// long.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/program_end.h"
#include "mail/verdict_codec.h"

namespace reqmail::spawn {

// The output of a child, as far as it was kept.
struct Output {
  std::string text;
  // Whether there was more output.
  bool cut = false;
};

// A report of qmail-local longer than this is cut.
inline constexpr std::size_t kLocalOutputMax = 3000;
// qmail-send reads 10000 bytes of a report (REPORTMAX) and cuts the rest itself, so the whole
// output of qmail-remote is passed on. No qmail-remote writes as much as this limit.
inline constexpr std::size_t kRemoteOutputMax = std::size_t{4} << 20;

std::string local_report(base::ProgramEnd end, const Output& output);

// If the output was cut, qmail-remote's verdict at its end is lost, so the report is temporary.
std::string remote_report(base::ProgramEnd end, const Output& output);

}  // namespace reqmail::spawn
