#include "spawn/report.h"

#include "base/program_end.h"
#include "base/text.h"

namespace reqmail::spawn {

namespace {

constexpr std::string_view kCutNotice = "\nError report too long, sorry.\n";
// The number of bytes of a text that is too long which are kept before the notice.
constexpr std::size_t kKept = kLocalOutputMax - kCutNotice.size() - 3;

}  // namespace

std::string local_report(base::ProgramEnd end, const Output& output) {
  if (!output.cut) {
    return mail::lspawn_report(end, output.text);
  }
  const std::string_view kept = std::string_view(output.text).substr(0, kKept);
  return mail::lspawn_report(end, base::concat({kept, kCutNotice}));
}

std::string remote_report(base::ProgramEnd end, const Output& output) {
  if (output.cut && !end.crashed && end.code == 0) {
    return mail::report(mail::Grade::temporary, kCutNotice.substr(1));
  }
  return mail::rspawn_report(end, output.text);
}

}  // namespace reqmail::spawn
