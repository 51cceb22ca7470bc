#include "cert/dates.h"

#include <cstdint>

#include "base/number.h"
#include "base/text.h"
#include "cert/place.h"

namespace reqmail::cert {

void check_dates(Findings& findings, const std::string& file,
                 const tls::CertificateFacts& facts, const CheckOptions& options,
                 const std::string& remedy) {
  const std::string what = base::concat({"the certificate of ", facts.subject});
  const std::int64_t days = days_between(options.now, facts.ends);
  if (facts.ends <= options.now) {
    findings.add(Level::wrong, file, base::concat({what, " ended ", time_text(facts.ends)}),
                 remedy);
  } else if (facts.begins > options.now) {
    findings.add(Level::wrong, file, base::concat({what, " begins ", time_text(facts.begins)}),
                 "look at this host's clock");
  } else if (days < std::int64_t{options.days}) {
    findings.add(
        Level::warning, file,
        base::concat({what, " ends in ", base::decimal(static_cast<std::uint64_t>(days)),
                      days == 1 ? " day" : " days", ", ", time_text(facts.ends)}),
        remedy);
  }
}

std::string list_of(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) {
    text += (text.empty() ? "" : " ") + base::printable(name);
  }
  return text.empty() ? "nobody" : text;
}

}  // namespace reqmail::cert
