// What a spawner says: for each delivery its slot, a letter, a text, and a NUL.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace reqmail::scheduler {

// The longest report, slot and letter included; what comes beyond is dropped. Spawners run with
// other rights, so their word is limited.
inline constexpr std::size_t kReportMax = 10000;

enum class Verdict { success, deferral, failure, mangled };

struct Report {
  unsigned slot = 0;
  Verdict verdict = Verdict::mangled;
  std::string text;
};

// Takes a spawner's bytes in pieces of any size.
class ReportReader {
 public:
  // The reports that these bytes complete.
  std::vector<Report> feed(std::string_view bytes);

 private:
  std::string partial_;
};

}  // namespace reqmail::scheduler
