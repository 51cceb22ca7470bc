// From what a child printed and how it ended to the report for qmail-send. The maps of exit
// codes stand in mail/verdict_codec.h; here is what becomes of output that is too long.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/program_end.h"
#include "mail/verdict_codec.h"

namespace reqmail::spawn {

// What a child printed, as far as it was kept.
struct Output {
  std::string text;
  // There was more.
  bool cut = false;
};

// Reports of qmail-local longer than this are cut.
inline constexpr std::size_t kLocalOutputMax = 3000;
// qmail-send takes 10000 bytes of a report (REPORTMAX) and cuts the rest itself, so that what
// qmail-remote says is passed on whole. No qmail-remote says as much as this.
inline constexpr std::size_t kRemoteOutputMax = std::size_t{4} << 20;

std::string local_report(base::ProgramEnd end, const Output& output);

// A report that was not kept whole has lost qmail-remote's verdict, which comes last: it is
// temporary.
std::string remote_report(base::ProgramEnd end, const Output& output);

}  // namespace reqmail::spawn
