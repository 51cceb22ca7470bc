// All encodings of a verdict in one place. They are deliberately not alike: an unknown exit
// code of a program in a .qmail file is temporary, one of qmail-local or qmail-remote is
// permanent. That is why they are side by side, each a total function.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/program_end.h"
#include "base/result.h"

namespace reqmail::mail {

// The verdicts that nearly every encoding tells apart, from bad to good.
enum class Grade { permanent, temporary, success };

Grade grade_of(Permanence permanence);

// --- Reports: K, Z or D and a text (qmail-remote(8), qmail-send(8), QMTP, QMQP) ---

// 'K' for success, 'Z' for temporary, 'D' for permanent.
char report_letter(Grade grade);

// Returns nullopt for every other letter.
std::optional<Grade> report_grade(char letter);

// The letter and a text.
std::string report(Grade grade, std::string_view text);
std::string report(const Failure& failure);

// What qmail-remote reports of a recipient: 'r' for success, 's' for temporary, 'h' for
// permanent.
char recipient_letter(Grade grade);

// The whole report of a qmail-remote that has no memory left to make one from.
inline constexpr std::string_view kRemoteOutOfMemory("ZOut of memory. (#4.3.0)\n\0", 26);

// --- Exit codes of qmail-local, qmail-inject and the helpers ---

// 111 for temporary, 100 for permanent.
int exit_code(Permanence permanence);

// --- Programs named in .qmail files (qmail-command(8)) ---

// What such a program exits with for CommandVerdict::stop.
inline constexpr int kCommandStop = 99;

enum class CommandVerdict {
  success,    // 0
  stop,       // 99: success, and the rest of the .qmail file is skipped
  permanent,  // 100, 64, 65, 70, 76, 77, 78, 112
  temporary,  // every other code, and a crash
};

CommandVerdict command_verdict(base::ProgramEnd end);

// --- Programs that check recipients (RCPTCHECK and control/recipients of qmail-smtpd) ---

// What such a program says of a recipient.
enum class RecipientCheck {
  accepted,    // every code that is not named below
  no_opinion,  // 112
  refused,     // 100
  unsure,      // 111, and a crash
  over_limit,  // 113: the client has sent too much
  not_run,     // 120: the program cannot be run
};

RecipientCheck recipient_check(base::ProgramEnd end);

// What a program of control/recipients says: 0 is a valid recipient, 1 is none; nullopt if it
// could not tell.
std::optional<bool> recipient_is_valid(base::ProgramEnd end);

// --- What the spawners report to qmail-send ---

// What the loader exits with when it cannot make a program of the file (a library or memory is
// missing), and a shell when it finds no program. Another try may succeed.
inline constexpr int kNotLoaded = 127;

// Exit codes by which a child of qmail-lspawn says why it could not become qmail-local.
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

// The whole report of qmail-lspawn, and no program's, for a user who has as many deliveries
// running as one user may have. To qmail-send it is no try; another qmail-send takes it for the
// deferral that it is, too.
std::string user_busy_report(std::uint64_t uid);

// The uid in that report, as text; nothing in every other.
std::optional<std::string_view> busy_user(std::string_view report);

// The report for a child of qmail-lspawn that printed `output`.
std::string lspawn_report(base::ProgramEnd end, std::string_view output);

// Exit codes by which a child of qmail-rspawn says that it could not become qmail-remote:
// kRunTemporary and kNotLoaded count as temporary, every other non-zero code as permanent.
namespace rspawn_exit {
inline constexpr int kRunTemporary = 111;
inline constexpr int kRunPermanent = 100;
}  // namespace rspawn_exit

// The report for a child of qmail-rspawn: qmail-remote's recipient report (r, h, s) and message
// report (K, Z, D), each ended by NUL, become one. The recipient's verdict decides, where the
// output begins with h or s. The text is that of the first record, which NUL must end, and that
// of the second, if it is a message report no better than the verdict.
std::string rspawn_report(base::ProgramEnd end, std::string_view output);

// --- Queue programs (qmail-queue(8)) and what injectors say about them ---

namespace queue_exit {
inline constexpr int kAddressTooLong = 11;
inline constexpr int kRefused = 31;
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

// The longest text of its own that a queue program may give for its refusal, and the room its
// first letter takes.
inline constexpr std::size_t kCustomTextMax = 255;

// The verdict of a queue program. `all_read`: it took the message and the envelope whole.
// `custom`: what it wrote to descriptors 4 and 6, counted with exit codes 82 and 88 only.
Result<void> queue_program_verdict(base::ProgramEnd end, bool all_read,
                                   std::string_view custom);

// What qmail-qmqpc, a queue program, exits with after a QMQP server's answer of this grade.
int qmqp_exit_code(Grade answer);

// --- Logins: checkpassword programs (checkpassword(8)) ---

enum class LoginVerdict {
  accepted,  // 0
  refused,   // every code but these two
  trouble,   // 111, and a crash: temporary
};

LoginVerdict checkpassword_verdict(base::ProgramEnd end);

// --- SMTP ---

// 451 for temporary, 554 for permanent: how a server refuses a message.
int smtp_code(Permanence permanence);

// What a client makes of a reply code: 500 and above is permanent, 2xx and 3xx are success;
// everything else is temporary, 0 for no code at all included.
Grade smtp_grade(int code);

}  // namespace reqmail::mail
