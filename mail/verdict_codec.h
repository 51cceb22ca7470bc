// All encodings of a verdict. They differ on purpose: an unknown exit code of a program in a
// .qmail file is temporary, but one of qmail-local or qmail-remote is permanent. So they are in
// one place, and each handles every value.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/program_end.h"
#include "base/result.h"

namespace reqmail::mail {

// The verdicts that nearly every encoding distinguishes, from worst to best.
enum class Grade { permanent, temporary, success };

Grade grade_of(Permanence permanence);

// --- Reports: K, Z or D and a text (qmail-remote(8), qmail-send(8), QMTP, QMQP) ---

// Returns 'K' for success, 'Z' for temporary, 'D' for permanent.
char report_letter(Grade grade);

// Returns the verdict for a letter; nullopt for every other letter.
std::optional<Grade> report_grade(char letter);

// Returns a report: the letter and a text.
std::string report(Grade grade, std::string_view text);
std::string report(const Failure& failure);

// What the first line of qmail-remote's report of a success ends in if the server got the
// parameters of RFC 3461, so that it will report. The words of the server come after that line.
inline constexpr std::string_view kDsnPassedOn = " accepted message and its DSN parameters.";

// Returns the letter of qmail-remote's report for a recipient: 'r' for success, 's' for
// temporary, 'h' for permanent.
char recipient_letter(Grade grade);

// The complete report of a qmail-remote that has run out of memory.
inline constexpr std::string_view kRemoteOutOfMemory("ZOut of memory. (#4.3.0)\n\0", 26);

// --- Exit codes of qmail-local, qmail-inject and the helpers ---

// Returns 111 for temporary, 100 for permanent.
int exit_code(Permanence permanence);

// --- Programs named in .qmail files (qmail-command(8)) ---

// The exit code of such a program for CommandVerdict::stop.
inline constexpr int kCommandStop = 99;

enum class CommandVerdict {
  success,    // 0
  stop,       // 99: success, and the rest of the .qmail file is skipped
  permanent,  // 100, 64, 65, 70, 76, 77, 78 and 112
  temporary,  // every other code, and a crash
};

CommandVerdict command_verdict(base::ProgramEnd end);

// --- Programs that check recipients (RCPTCHECK and control/recipients of qmail-smtpd) ---

// The verdict of such a program on a recipient.
enum class RecipientCheck {
  accepted,    // every other code
  no_opinion,  // 112
  refused,     // 100
  unsure,      // 111, and a crash
  over_limit,  // 113: the client has sent too much
  not_run,     // 120: the program cannot be executed
};

RecipientCheck recipient_check(base::ProgramEnd end);

// Returns the verdict of a program of control/recipients: 0 means that the recipient exists, 1
// that it does not; nullopt if the program could not tell.
std::optional<bool> recipient_is_valid(base::ProgramEnd end);

// --- Reports of the spawners to qmail-send ---

// The exit code of the loader if it cannot load a program (a library or memory is missing), and
// of a shell if it does not find a program. Another try may succeed.
inline constexpr int kNotLoaded = 127;

// Exit codes of a child of qmail-lspawn, which say why it could not become qmail-local.
namespace lspawn_exit {
inline constexpr int kBug = 112;
inline constexpr int kRoot = 113;
inline constexpr int kNfs = 115;
inline constexpr int kNoAlias = 116;
inline constexpr int kUsersCdb = 117;
inline constexpr int kSystem = 118;
inline constexpr int kNoMemory = 119;
inline constexpr int kRunTemporary = 120;
inline constexpr int kRunGetpw = 121;
inline constexpr int kRunPermanent = 126;
}  // namespace lspawn_exit

// Returns the complete report of qmail-lspawn, without running a program, for a user who has as
// many deliveries running as a user may have. Our qmail-send does not count it as a try; any
// other qmail-send treats it as a deferral.
std::string user_busy_report(std::uint64_t uid);

// Returns the uid in that report as text; nullopt for every other report.
std::optional<std::string_view> busy_user(std::string_view report);

// Returns the report for a child of qmail-lspawn that has printed `output`.
std::string lspawn_report(base::ProgramEnd end, std::string_view output);

// Exit codes of a child of qmail-rspawn that could not become qmail-remote. kRunTemporary and
// kNotLoaded are temporary, every other non-zero code is permanent.
namespace rspawn_exit {
inline constexpr int kRunTemporary = 111;
inline constexpr int kRunPermanent = 100;
}  // namespace rspawn_exit

// Returns the report for a child of qmail-rspawn, made from qmail-remote's recipient report (r,
// h, s) and message report (K, Z, D), each of which ends in NUL. If the output begins with h or
// s, the recipient's verdict decides. The text is that of the first record, if it ends in NUL,
// followed by that of the second record if this is a message report whose verdict is no better.
std::string rspawn_report(base::ProgramEnd end, std::string_view output);

// --- Queue programs (qmail-queue(8)) and the texts of injectors for their exit codes ---

namespace queue_exit {
inline constexpr int kAddressTooLong = 11;
inline constexpr int kRefused = 31;
inline constexpr int kSignature = 32;
inline constexpr int kNoMemory = 51;
inline constexpr int kTimeout = 52;
inline constexpr int kWrite = 53;
inline constexpr int kRead = 54;
inline constexpr int kConfiguration = 55;
inline constexpr int kNetwork = 56;
inline constexpr int kHome = 61;
inline constexpr int kQueueDirectory = 62;
inline constexpr int kPidFile = 63;
inline constexpr int kMessName = 64;
inline constexpr int kIntdFile = 65;
inline constexpr int kTodoName = 66;
inline constexpr int kServerDeferred = 71;
inline constexpr int kServerTimeout = 72;
inline constexpr int kServerNotConnected = 73;
inline constexpr int kServerBroken = 74;
inline constexpr int kBug = 81;
inline constexpr int kCustomText = 82;
inline constexpr int kOtherCustomText = 88;
inline constexpr int kEnvelopeFormat = 91;
inline constexpr int kOtherAddressTooLong = 115;
inline constexpr int kNotExecuted = 120;
}  // namespace queue_exit

// The longest text, in bytes after its first letter, that a queue program may give for a
// refusal.
inline constexpr std::size_t kCustomTextMax = 255;

// Returns the verdict of a queue program. `all_read` means that it has read the complete
// message and envelope. `custom` is what it wrote to descriptors 4 and 6, which is used only
// with exit codes 82 and 88.
Result<void> queue_program_verdict(base::ProgramEnd end, bool all_read,
                                   std::string_view custom);

// Returns the exit code of qmail-qmqpc, which is a queue program, for the verdict of a QMQP
// server.
int qmqp_exit_code(Grade answer);

// Returns the exit code of qmail-dkim for a message that it does not pass on.
int signature_exit_code(Permanence permanence);

// --- Mail filters (control/filterargs) ---

enum class FilterVerdict {
  deliver,    // 0: its output is the message
  drop,       // 2: the message counts as delivered
  permanent,  // 100
  temporary,  // every other code, and a crash
};

FilterVerdict filter_verdict(base::ProgramEnd end);

// --- Logins: checkpassword programs (checkpassword(8)) ---

enum class LoginVerdict {
  accepted,  // 0
  refused,   // every other code
  trouble,   // 111, and a crash: temporary
};

LoginVerdict checkpassword_verdict(base::ProgramEnd end);

// --- SMTP ---

// Returns the code with which a server refuses a message: 451 for temporary, 554 for permanent.
int smtp_code(Permanence permanence);

// Returns how a client understands a reply code: 500 and above is permanent, 2xx and 3xx are
// success, and everything else is temporary, even 0, which means that there was no code.
Grade smtp_grade(int code);

}  // namespace reqmail::mail
