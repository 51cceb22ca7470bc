#include "reports/sent_marks.h"

#include <sys/types.h>

#include <limits>
#include <utility>

#include "base/text.h"
#include "sys/file.h"
#include "sys/lock.h"
#include "sys/stream.h"

namespace reqmail::reports {

namespace {

constexpr mode_t kMode = 0640;
constexpr std::string_view kSent = "sent ";
constexpr std::string_view kFailed = "failed ";

std::string name_of(std::string_view domain, std::string_view recipient) {
  return base::concat({domain, " ", recipient});
}

}  // namespace

Result<SentMarks> SentMarks::open(const std::string& path) {
  auto file = sys::open_append(path, kMode);
  if (!file) {
    return file.error();
  }
  if (auto locked = sys::try_lock_exclusive(file->get()); !locked) {
    return locked.error();
  }
  const auto text = sys::read_file(path, std::numeric_limits<std::size_t>::max());
  if (!text) {
    return text.error();
  }
  SentMarks marks(std::move(*file));
  for (const std::string_view line : base::lines(*text)) {
    if (line.starts_with(kSent)) {
      marks.sent_.emplace(line.substr(kSent.size()));
    } else if (line.starts_with(kFailed)) {
      marks.sent_.erase(std::string(line.substr(kFailed.size())));
    }
  }
  return marks;
}

bool SentMarks::has(std::string_view domain, std::string_view recipient) const {
  return sent_.contains(name_of(domain, recipient));
}

Result<void> SentMarks::append(std::string_view word, const std::string& what) {
  if (auto written = sys::write_all(file_.get(), base::concat({word, what, "\n"})); !written) {
    return written;
  }
  return sys::sync(file_.get());
}

Result<void> SentMarks::set(std::string_view domain, std::string_view recipient) {
  std::string name = name_of(domain, recipient);
  auto written = append(kSent, name);
  if (written) {
    sent_.insert(std::move(name));
  }
  return written;
}

Result<void> SentMarks::take_back(std::string_view domain, std::string_view recipient) {
  const std::string name = name_of(domain, recipient);
  sent_.erase(name);
  return append(kFailed, name);
}

}  // namespace reqmail::reports
