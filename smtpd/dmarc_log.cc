#include "smtpd/dmarc_log.h"

#include <sys/stat.h>

#include <string>

#include "auth822/dmarc_line.h"
#include "base/text.h"
#include "sys/clock.h"
#include "sys/fd.h"
#include "sys/file.h"
#include "sys/stream.h"

namespace reqmail::smtpd {

namespace {

constexpr mode_t kMode = 0640;

}  // namespace

void append_dmarc_line(std::string_view line) {
  if (line.empty()) {
    return;
  }
  const auto file =
      sys::open_append(base::concat({"dmarc/", auth822::dmarc_day(sys::now())}), kMode);
  if (file) {
    (void)sys::write_all(file->get(), line);
  }
}

}  // namespace reqmail::smtpd
