// What qmail-inject's work depends on: arguments, environment, control files.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "mail/address_defaults.h"
#include "mail/header_rewrite.h"

namespace reqmail::submit {

// Which addresses become recipients.
enum class InjectRecipients { arguments, header, both };

struct InjectOptions {
  InjectRecipients from = InjectRecipients::arguments;
  std::vector<std::string> arguments;
  std::optional<std::string> sender;  // of -f, completed
  bool print = false;                 // -n
};

// The letter of QMAILINJECT by which sendmail asks for LF in the place of CR LF line ends.
inline constexpr char kFindLineEnds = 'l';

struct InjectSettings {
  mail::HeaderSettings header;
  mail::AddressDefaults defaults;
  bool find_line_ends = false;
};

// Reads the environment, QMAILMFTFILE from the current directory, then changes to qmail's home
// and reads the control files. A Failure's text is what qmail-inject says, its final line feed
// not included.
Result<InjectSettings> load_inject_settings();

}  // namespace reqmail::submit
