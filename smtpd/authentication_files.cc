#include "smtpd/authentication_files.h"

#include "base/ascii.h"
#include "base/bad_line.h"
#include "smtpd/files.h"

namespace reqmail::smtpd {

namespace {

struct Mode {
  std::string_view word;
  judge::DmarcMode mode;
};

constexpr Mode kModes[] = {
    {"none", judge::DmarcMode::none},
    {"quarantine", judge::DmarcMode::quarantine},
    {"reject", judge::DmarcMode::reject},
};

}  // namespace

judge::DmarcMode dmarc_mode(const AuthenticationSwitches& switches,
                            const std::optional<std::string>& variable) {
  const std::string word = variable ? *variable : switches.dmarc.value_or("");
  for (const Mode& mode : kModes) {
    if (base::equal_ci(word, mode.word)) {
      return mode.mode;
    }
  }
  return judge::DmarcMode::off;
}

std::optional<base::BadLine> fault_of_dmarc(const std::string& word) {
  if (word.empty() || word == "0" ||
      dmarc_mode({.dmarc = word}, std::nullopt) != judge::DmarcMode::off) {
    return std::nullopt;
  }
  return base::BadLine{word, "no policy"};
}

Result<AuthenticationFiles> load_authentication_files(
    control::ControlFiles& files, const AuthenticationSwitches& switches,
    const std::optional<std::string>& dmarc_variable, bool spf) {
  AuthenticationFiles loaded;
  loaded.dmarc = dmarc_mode(switches, dmarc_variable);
  loaded.dkim = switches.dkimverify > 0 || loaded.dmarc != judge::DmarcMode::off;
  if (loaded.dmarc != judge::DmarcMode::off) {
    loaded.errors_refuse = files.number("dmarcfailclosed") > 0;
    loaded.trusted_sealers =
        files.domain_list("arctrusted").value_or(std::vector<std::string>());
    for (const std::string& line :
         files.domain_list("dmarcexempt").value_or(std::vector<std::string>())) {
      if (const auto added = loaded.exemptions.add(line); !added) {
        loaded.faults.push_back(
            base::bad_line_message(control::path("dmarcexempt"), {line, added.error().text}));
      }
    }
  } else if (const auto bad = fault_of_dmarc(switches.dmarc.value_or(""));
             bad && !dmarc_variable) {
    loaded.faults.push_back(base::bad_line_message(control::path("dmarc"), *bad));
  }
  loaded.removes_forged = switches.signs;
  if (spf || loaded.dkim || loaded.removes_forged) {
    loaded.service = files.line_if_any("authservid").value_or("");
    loaded.show_user = files.number("authresultsuser") > 0;
  }
  if (files.failure()) {
    return smtpd_controls_unreadable();
  }
  return loaded;
}

}  // namespace reqmail::smtpd
