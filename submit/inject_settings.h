// The settings of qmail-inject from arguments, environment and control files.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "mail/address_defaults.h"
#include "mail/header_rewrite.h"
#include "submit/inject_wishes.h"

namespace reqmail::submit {

// Which addresses become recipients.
enum class InjectRecipients { arguments, header, both };

struct InjectOptions {
  InjectRecipients from = InjectRecipients::arguments;
  std::vector<std::string> arguments;
  std::optional<std::string> sender;  // the value of -f, completed
  bool print = false;                 // -n
};

// The letter of QMAILINJECT with which sendmail asks for CR LF line ends to be converted to LF.
inline constexpr char kFindLineEnds = 'l';

struct InjectSettings {
  mail::HeaderSettings header;
  mail::AddressDefaults defaults;
  bool find_line_ends = false;
  // What sendmail's caller wants to be told; it counts only if control/dsn is not 0.
  InjectWishes wishes = {};
};

// Reads the environment, and QMAILMFTFILE from the current directory; then changes to qmail's
// home and reads the control files. The text of a Failure is what qmail-inject prints, without
// a final line feed.
Result<InjectSettings> load_inject_settings();

}  // namespace reqmail::submit
