#include "smtpd/dmarc_log.h"

#include <sys/stat.h>

#include <string>

#include "base/number.h"
#include "base/text.h"
#include "base/time.h"
#include "sys/clock.h"
#include "sys/fd.h"
#include "sys/file.h"
#include "sys/stream.h"

namespace reqmail::smtpd {

namespace {

constexpr mode_t kMode = 0640;

std::string day_name(base::Time time) {
  constexpr std::size_t kYearDigits = 4;
  constexpr std::size_t kDigits = 2;
  const base::CivilTime day = base::civil_time(time);
  return base::decimal_padded(static_cast<std::uint64_t>(day.year), kYearDigits) +
         base::decimal_padded(static_cast<std::uint64_t>(day.month), kDigits) +
         base::decimal_padded(static_cast<std::uint64_t>(day.day), kDigits);
}

}  // namespace

void append_dmarc_line(std::string_view line) {
  if (line.empty()) {
    return;
  }
  const auto file = sys::open_append(base::concat({"dmarc/", day_name(sys::now())}), kMode);
  if (file) {
    (void)sys::write_all(file->get(), line);
  }
}

}  // namespace reqmail::smtpd
