// All encodings of a verdict in one place. They are deliberately not alike: an unknown exit
// code of a program in a .qmail file is temporary, one of qmail-local or qmail-remote is
// permanent. That is why they stand side by side, each a total function.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace reqmail::mail {

// How a program ended: killed by a signal, or with an exit code.
struct ProgramEnd {
  bool crashed = false;
  int code = 0;
};

// --- Reports: K, Z or D and a text (qmail-remote(8), qmail-send(8), QMTP, QMQP) ---

inline constexpr char kReportSuccess = 'K';

// 'Z' for temporary, 'D' for permanent.
char report_letter(Permanence permanence);

// The letter and the text of a Failure.
std::string report(const Failure& failure);

// A report taken apart: its text, or the Failure it tells of. Nothing where it begins with
// neither K, Z nor D.
std::optional<Result<std::string>> parse_report(std::string_view report);

// --- Exit codes of qmail-local, qmail-inject and the helpers ---

// 111 for temporary, 100 for permanent.
int exit_code(Permanence permanence);

// --- Programs named in .qmail files (qmail-command(8)) ---

enum class CommandVerdict {
  success,    // 0
  stop,       // 99: success, and the rest of the .qmail file is skipped
  permanent,  // 100, 64, 65, 70, 76, 77, 78, 112
  temporary,  // every other code, and a crash
};

CommandVerdict command_verdict(ProgramEnd end);

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
std::string lspawn_report(ProgramEnd end, std::string_view output);

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
std::string rspawn_report(ProgramEnd end, std::string_view output);

// --- Queue programs (qmail-queue(8)) and what injectors say about them ---

namespace queue_exit {
inline constexpr int kAddressTooLong = 11;
inline constexpr int kNoMemory = 51;
inline constexpr int kTimeout = 52;
inline constexpr int kWrite = 53;
inline constexpr int kRead = 54;
inline constexpr int kHome = 61;
inline constexpr int kQueueDirectory = 62;
inline constexpr int kPidFile = 63;
inline constexpr int kMessName = 64;
inline constexpr int kIntdFile = 65;
inline constexpr int kTodoName = 66;
inline constexpr int kBug = 81;
inline constexpr int kCustomText = 82;
inline constexpr int kEnvelopeFormat = 91;
inline constexpr int kNotExecuted = 120;
}  // namespace queue_exit

// The longest text of its own that a queue program may give for its refusal, and the room its
// first letter takes.
inline constexpr std::size_t kCustomTextMax = 255;

// The verdict of a queue program. `all_read`: it took the message and the envelope whole.
// `custom`: what it wrote to descriptors 4 and 6, counted with exit codes 82 and 88 only.
Result<void> queue_program_verdict(ProgramEnd end, bool all_read, std::string_view custom);

// --- SMTP ---

// 451 for temporary, 554 for permanent: how a server refuses a message.
int smtp_code(Permanence permanence);

// What a client makes of a reply code: nothing below 400, temporary below 500, else permanent.
std::optional<Permanence> smtp_permanence(unsigned code);

}  // namespace reqmail::mail
