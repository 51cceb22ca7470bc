#include "mail/verdict_codec.h"

#include <algorithm>

#include "base/ascii.h"
#include "base/exit_code.h"
#include "base/number.h"
#include "base/program_end.h"
#include "base/terminal_text.h"
#include "base/text.h"

namespace reqmail::mail {

namespace {

using base::kExitPermanent;
using base::kExitTemporary;

// The exit codes of a queue program that have a text of their own.
struct QueueText {
  int code;
  Permanence permanence;
  std::string_view text;
};

constexpr QueueText kQueueTexts[] = {
    {queue_exit::kAddressTooLong, Permanence::permanent,
     "envelope address too long for qq (#5.1.3)"},
    {queue_exit::kRefused, Permanence::permanent,
     "mail server permanently rejected message (#5.3.0)"},
    {queue_exit::kNoMemory, Permanence::temporary, "qq out of memory (#4.3.0)"},
    {queue_exit::kTimeout, Permanence::temporary, "qq timeout (#4.3.0)"},
    {queue_exit::kWrite, Permanence::temporary, "qq write error or disk full (#4.3.0)"},
    {queue_exit::kRead, Permanence::temporary, "qq read error (#4.3.0)"},
    {queue_exit::kConfiguration, Permanence::temporary,
     "qq unable to read configuration (#4.3.0)"},
    {queue_exit::kNetwork, Permanence::temporary,
     "qq trouble making network connection (#4.3.0)"},
    {queue_exit::kHome, Permanence::temporary, "qq trouble in home directory (#4.3.0)"},
    {queue_exit::kQueueDirectory, Permanence::temporary,
     "qq trouble creating files in queue (#4.3.0)"},
    {queue_exit::kPidFile, Permanence::temporary,
     "qq trouble creating files in queue (#4.3.0)"},
    {queue_exit::kMessName, Permanence::temporary,
     "qq trouble creating files in queue (#4.3.0)"},
    {queue_exit::kIntdFile, Permanence::temporary,
     "qq trouble creating files in queue (#4.3.0)"},
    {queue_exit::kTodoName, Permanence::temporary,
     "qq trouble creating files in queue (#4.3.0)"},
    {queue_exit::kServerDeferred, Permanence::temporary,
     "mail server temporarily rejected message (#4.3.0)"},
    {queue_exit::kServerTimeout, Permanence::temporary,
     "connection to mail server timed out (#4.4.1)"},
    {queue_exit::kServerNotConnected, Permanence::temporary,
     "connection to mail server rejected (#4.4.1)"},
    {queue_exit::kServerBroken, Permanence::temporary,
     "communication with mail server failed (#4.4.2)"},
    {queue_exit::kBug, Permanence::temporary, "qq internal bug (#4.3.0)"},
    {queue_exit::kEnvelopeFormat, Permanence::temporary, "qq internal bug (#4.3.0)"},
    {queue_exit::kOtherAddressTooLong, Permanence::permanent,
     "envelope address too long for qq (#5.1.3)"},
    {queue_exit::kNotExecuted, Permanence::temporary, "unable to exec qq (#4.3.0)"},
};

constexpr std::string_view kBusyBefore = "ZToo many deliveries for user ";
constexpr std::string_view kBusyAfter = " are running; this one waits. (#4.3.2)\n";

constexpr int kPermanentFirst = 11;
constexpr int kPermanentLast = 40;

// Makes a Failure from the text that a queue program wrote, with unprintable bytes replaced;
// nullopt if the text is not usable.
std::optional<Failure> custom_failure(std::string_view custom) {
  const auto grade = custom.size() < 2 ? std::nullopt : report_grade(custom[0]);
  if (!grade || *grade == Grade::success) {
    return std::nullopt;
  }
  return Failure{*grade == Grade::permanent ? Permanence::permanent : Permanence::temporary,
                 base::terminal_safe(custom.substr(1, kCustomTextMax), '?'), 0};
}

// Returns the fixed report of qmail-lspawn for a code; empty for other codes, whose report is a
// letter and the output of qmail-local.
std::string_view lspawn_text(int code) {
  switch (code) {
  case lspawn_exit::kBug:
    return "ZInternal qmail-lspawn bug.\n";
  case lspawn_exit::kRoot:
    return "ZNot allowed to perform deliveries as root.\n";
  case lspawn_exit::kNfs:
    return "ZNFS failure in qmail-local.\n";
  case lspawn_exit::kNoAlias:
    return "ZUnable to find alias user!\n";
  case lspawn_exit::kUsersCdb:
    return "ZTrouble reading users/cdb in qmail-lspawn.\n";
  case lspawn_exit::kSystem:
    return "ZTemporary failure in qmail-lspawn.\n";
  case lspawn_exit::kNoMemory:
    return "ZOut of memory in qmail-lspawn.\n";
  case lspawn_exit::kRunTemporary:
  case kNotLoaded:
    return "ZUnable to run qmail-local.\n";
  case lspawn_exit::kRunGetpw:
    return "ZUnable to run qmail-getpw.\n";
  case lspawn_exit::kRunPermanent:
    return "DUnable to run qmail-local.\n";
  default:
    return {};
  }
}

// Returns the verdict of the first record that is a message report and ends in NUL; permanent
// if there is none.
Grade message_verdict(std::string_view output) {
  for (std::size_t end = output.find('\0'); end != std::string_view::npos;
       end = output.find('\0')) {
    if (const auto grade = end == 0 ? std::nullopt : report_grade(output[0])) {
      return *grade;
    }
    output.remove_prefix(end + 1);
  }
  return Grade::permanent;
}

// Returns the recipient's verdict if the first record is a temporary or permanent recipient
// report.
std::optional<Grade> recipient_verdict(std::string_view output) {
  if (output.starts_with('s')) {
    return Grade::temporary;
  }
  if (output.starts_with('h')) {
    return Grade::permanent;
  }
  return std::nullopt;
}

}  // namespace

Grade grade_of(Permanence permanence) {
  return permanence == Permanence::permanent ? Grade::permanent : Grade::temporary;
}

char report_letter(Grade grade) {
  switch (grade) {
  case Grade::success:
    return 'K';
  case Grade::temporary:
    return 'Z';
  case Grade::permanent:
    break;
  }
  return 'D';
}

std::optional<Grade> report_grade(char letter) {
  switch (letter) {
  case 'K':
    return Grade::success;
  case 'Z':
    return Grade::temporary;
  case 'D':
    return Grade::permanent;
  default:
    return std::nullopt;
  }
}

std::string report(Grade grade, std::string_view text) {
  std::string made(1, report_letter(grade));
  made.append(text);
  return made;
}

std::string report(const Failure& failure) {
  return report(grade_of(failure.permanence), failure.text);
}

char recipient_letter(Grade grade) {
  switch (grade) {
  case Grade::success:
    return 'r';
  case Grade::temporary:
    return 's';
  case Grade::permanent:
    break;
  }
  return 'h';
}

int exit_code(Permanence permanence) {
  return permanence == Permanence::permanent ? kExitPermanent : kExitTemporary;
}

RecipientCheck recipient_check(base::ProgramEnd end) {
  if (end.crashed) {
    return RecipientCheck::unsure;
  }
  switch (end.code) {
  case base::kExitPermanent:
    return RecipientCheck::refused;
  case base::kExitTemporary:
    return RecipientCheck::unsure;
  case 112:
    return RecipientCheck::no_opinion;
  case 113:
    return RecipientCheck::over_limit;
  case 120:
    return RecipientCheck::not_run;
  default:
    return RecipientCheck::accepted;
  }
}

std::optional<bool> recipient_is_valid(base::ProgramEnd end) {
  if (end.crashed || end.code < 0 || end.code > 1) {
    return std::nullopt;
  }
  return end.code == 0;
}

CommandVerdict command_verdict(base::ProgramEnd end) {
  if (end.crashed) {
    return CommandVerdict::temporary;
  }
  switch (end.code) {
  case 0:
    return CommandVerdict::success;
  case kCommandStop:
    return CommandVerdict::stop;
  case kExitPermanent:
  case 64:
  case 65:
  case 70:
  case 76:
  case 77:
  case 78:
  case 112:
    return CommandVerdict::permanent;
  default:
    return CommandVerdict::temporary;
  }
}

std::string lspawn_report(base::ProgramEnd end, std::string_view output) {
  if (end.crashed) {
    return "Zqmail-local crashed.\n";
  }
  if (const std::string_view text = lspawn_text(end.code); !text.empty()) {
    return std::string(text);
  }
  switch (end.code) {
  case 0:
    return report(Grade::success, output);
  case kExitTemporary:
  case 71:
  case 74:
  case 75:
    return report(Grade::temporary, output);
  default:
    return report(Grade::permanent, output);
  }
}

std::string user_busy_report(std::uint64_t uid) {
  return base::concat({kBusyBefore, base::decimal(uid), kBusyAfter});
}

std::optional<std::string_view> busy_user(std::string_view report) {
  if (!report.starts_with(kBusyBefore) || !report.ends_with(kBusyAfter) ||
      report.size() <= kBusyBefore.size() + kBusyAfter.size()) {
    return std::nullopt;
  }
  report.remove_prefix(kBusyBefore.size());
  report.remove_suffix(kBusyAfter.size());
  return std::all_of(report.begin(), report.end(), base::is_digit)
             ? std::optional<std::string_view>(report)
             : std::nullopt;
}

std::string rspawn_report(base::ProgramEnd end, std::string_view output) {
  if (end.crashed) {
    return "Zqmail-remote crashed.\n";
  }
  if (end.code == rspawn_exit::kRunTemporary || end.code == kNotLoaded) {
    return "ZUnable to run qmail-remote.\n";
  }
  if (end.code != 0) {
    return "DUnable to run qmail-remote.\n";
  }
  if (output.empty()) {
    return "Zqmail-remote produced no output.\n";
  }
  const Grade message = message_verdict(output);
  const Grade verdict = recipient_verdict(output).value_or(message);
  std::string text(1, report_letter(verdict));
  const std::size_t first_end = output.find('\0', 1);
  if (first_end == std::string_view::npos) {
    return text;
  }
  text += output.substr(1, first_end - 1);
  const std::string_view second = output.substr(first_end + 1);
  if (message <= verdict && !second.empty() && report_grade(second[0])) {
    text += second.substr(1, second.find('\0') - 1);
  }
  return text;
}

Result<void> queue_program_verdict(base::ProgramEnd end, bool all_read,
                                   std::string_view custom) {
  if (end.crashed) {
    return temporary("qq crashed (#4.3.0)");
  }
  if (end.code == 0) {
    if (all_read) {
      return {};
    }
    return temporary("qq read error (#4.3.0)");
  }
  if (end.code == queue_exit::kCustomText || end.code == queue_exit::kOtherCustomText) {
    if (auto failure = custom_failure(custom)) {
      return std::move(*failure);
    }
  }
  for (const QueueText& known : kQueueTexts) {
    if (known.code == end.code) {
      return Failure{known.permanence, std::string(known.text), 0};
    }
  }
  if (end.code >= kPermanentFirst && end.code <= kPermanentLast) {
    return permanent("qq permanent problem (#5.3.0)");
  }
  return temporary("qq temporary problem (#4.3.0)");
}

int qmqp_exit_code(Grade answer) {
  switch (answer) {
  case Grade::success:
    return base::kExitSuccess;
  case Grade::temporary:
    return queue_exit::kServerDeferred;
  case Grade::permanent:
    break;
  }
  return queue_exit::kRefused;
}

int signature_exit_code(Permanence permanence) {
  return permanence == Permanence::permanent ? queue_exit::kSignature
                                             : queue_exit::kOtherCustomText;
}

FilterVerdict filter_verdict(base::ProgramEnd end) {
  constexpr int kDrop = 2;
  if (end.success()) {
    return FilterVerdict::deliver;
  }
  if (!end.crashed && end.code == kDrop) {
    return FilterVerdict::drop;
  }
  const bool permanent = !end.crashed && end.code == exit_code(Permanence::permanent);
  return permanent ? FilterVerdict::permanent : FilterVerdict::temporary;
}

LoginVerdict checkpassword_verdict(base::ProgramEnd end) {
  if (end.crashed || end.code == kExitTemporary) {
    return LoginVerdict::trouble;
  }
  return end.code == 0 ? LoginVerdict::accepted : LoginVerdict::refused;
}

int smtp_code(Permanence permanence) {
  return permanence == Permanence::permanent ? 554 : 451;
}

Grade smtp_grade(int code) {
  if (code >= 500) {
    return Grade::permanent;
  }
  return code >= 200 && code < 400 ? Grade::success : Grade::temporary;
}

}  // namespace reqmail::mail
