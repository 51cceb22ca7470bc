#include "sign/settings.h"

#include "base/text.h"
#include "control/files.h"
#include "sys/error.h"

namespace reqmail::sign {

namespace {

template <auto kRead>
std::vector<base::BadLine> bad_lines(const std::vector<std::string>& lines) {
  std::vector<base::BadLine> bad;
  (void)kRead(lines, bad);
  return bad;
}

}  // namespace

Result<SignerSettings> read_signer_settings() {
  control::ControlFiles files;
  // qmail-showctl --check names them.
  std::vector<base::BadLine> bad;
  SignerSettings settings;
  if (const auto lines = files.list("dkimkeys")) {
    settings.lists.dkimkeys = read_dkimkeys(*lines, bad);
  }
  if (const auto lines = files.list("dkimdomains")) {
    settings.lists.dkimdomains = read_dkimdomains(*lines, bad);
  }
  if (const auto lines = files.list("arcseal")) {
    settings.arcseal = read_arcseal(*lines, bad);
  }
  settings.service = files.line_if_any("authservid").value_or("");
  if (const auto& failure = files.failure()) {
    return temporary(
        base::concat({"control/", failure->name, ": ", sys::error_text(failure->error)}));
  }
  return settings;
}

std::vector<control::LineCheck> line_checks() {
  return {{"arcseal", bad_lines<read_arcseal>},
          {"dkimkeys", bad_lines<read_dkimkeys>},
          {"dkimdomains", bad_lines<read_dkimdomains>}};
}

}  // namespace reqmail::sign
