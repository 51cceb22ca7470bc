// Which reports of a day have been sent, so that none is sent twice: a file with a line for
// each attempt. A mark is on disk before the report is given away; a run that is killed in
// between may leave a report unsent.
#pragma once

#include <set>
#include <string>
#include <string_view>

#include "base/result.h"
#include "sys/fd.h"

namespace reqmail::reports {

class SentMarks {
 public:
  // Opens or makes the file. Failure.error is EWOULDBLOCK if another process has it.
  static Result<SentMarks> open(const std::string& path);

  [[nodiscard]] bool has(std::string_view domain, std::string_view recipient) const;

  // Each returns when the mark is on disk.
  Result<void> set(std::string_view domain, std::string_view recipient);
  Result<void> take_back(std::string_view domain, std::string_view recipient);

 private:
  explicit SentMarks(sys::Fd file) : file_(std::move(file)) {}

  Result<void> append(std::string_view word, const std::string& what);

  sys::Fd file_;
  std::set<std::string> sent_;
};

}  // namespace reqmail::reports
