#include "survey/srs_check.h"

#include <algorithm>

#include "base/text.h"
#include "legacy/srs_domains.h"
#include "survey/old_files.h"
#include "sys/file.h"

namespace reqmail::survey {

namespace {

constexpr mode_t kPublic = 0644;
constexpr mode_t kSecret = 0640;

Conversion written(const std::string& path, std::string content) {
  Conversion conversion;
  conversion.kind = Conversion::Kind::write_file;
  conversion.path = path;
  conversion.content = std::move(content);
  conversion.owner = "root";
  conversion.group = "qmail";
  conversion.mode = kPublic;
  return conversion;
}

std::string lines_of(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) {
    text += line + "\n";
  }
  return text;
}

}  // namespace

std::optional<Finding> check_srs_domains(const std::string& path, std::string_view content) {
  const legacy::SrsFiles files = legacy::convert_srs_domains(control_lines(content));
  // A line of a control file cannot begin with '#'.
  const bool representable =
      std::none_of(files.secrets.begin(), files.secrets.end(),
                   [](const std::string& secret) { return secret.starts_with('#'); });
  if (files.domain.empty() || !representable) {
    return std::nullopt;
  }
  Finding finding;
  finding.code = "srs-domains";
  finding.subject = path;
  finding.origin = "s/qmail";
  const std::string prefix = base::concat({sys::directory_of(path), "/srs_"});
  const auto old = read_plain(prefix + "domain");
  if (old && *old && !control_lines(**old).empty()) {
    finding.severity = Severity::harmless;
    finding.text = "is replaced by srs_domain";
    return finding;
  }
  finding.severity = Severity::note;
  finding.text = base::concat(
      {"is ignored, but its secrets and its domain ", base::printable(files.domain),
       " can be those of srs_domain; qmail-remote rewrites then, and bounces to addresses with "
       "these secrets come back",
       files.merged
           ? ". Its lines have several domains or separators, or exceptions: the first "
             "domain and its separator are for all forwarded mail"
           : ""});
  finding.action =
      "apply writes srs_domain, srs_secrets and srs_separator; in .qmail files, forward and "
      "srsfilter do the work of srsforward and srsreverse, which go on if they are in bin";
  finding.conversions.push_back(written(prefix + "domain", files.domain + "\n"));
  finding.conversions.push_back(
      written(prefix + "separator", base::concat({std::string(1, files.separator), "\n"})));
  Conversion secrets = written(prefix + "secrets", lines_of(files.secrets));
  secrets.owner = "qmailr";
  secrets.group = "nofiles";
  secrets.mode = kSecret;
  finding.conversions.push_back(std::move(secrets));
  return finding;
}

}  // namespace reqmail::survey
