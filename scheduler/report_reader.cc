#include "scheduler/report_reader.h"

#include <algorithm>

namespace reqmail::scheduler {

namespace {

Verdict verdict_of(char letter) {
  switch (letter) {
  case 'K':
    return Verdict::success;
  case 'Z':
    return Verdict::deferral;
  case 'D':
    return Verdict::failure;
  default:
    return Verdict::mangled;
  }
}

// `raw`: the slot's byte, the letter, the text.
Report parse(std::string_view raw) {
  Report report;
  report.slot = static_cast<unsigned char>(raw.front());
  if (raw.size() > 1) {
    report.verdict = verdict_of(raw[1]);
    report.text = raw.substr(2);
  }
  return report;
}

}  // namespace

std::vector<Report> ReportReader::feed(std::string_view bytes) {
  std::vector<Report> reports;
  while (!bytes.empty()) {
    if (partial_.empty()) {
      // The slot may be 0, so that its byte ends nothing.
      partial_.push_back(bytes.front());
      bytes.remove_prefix(1);
      continue;
    }
    const std::size_t end = std::min(bytes.find('\0'), bytes.size());
    partial_.append(bytes.substr(0, std::min(end, kReportMax - partial_.size())));
    if (end == bytes.size()) {
      break;
    }
    reports.push_back(parse(partial_));
    partial_.clear();
    bytes.remove_prefix(end + 1);
  }
  return reports;
}

}  // namespace reqmail::scheduler
