#include "scheduler/report_reader.h"

#include <algorithm>

#include "mail/verdict_codec.h"

namespace reqmail::scheduler {

namespace {

Verdict verdict_of(char letter) {
  const auto grade = mail::report_grade(letter);
  if (!grade) {
    return Verdict::mangled;
  }
  switch (*grade) {
  case mail::Grade::success:
    return Verdict::success;
  case mail::Grade::temporary:
    return Verdict::deferral;
  case mail::Grade::permanent:
    break;
  }
  return Verdict::failure;
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
