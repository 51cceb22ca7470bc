// What happens to qmail-send. The scheduler answers each event with actions
// (scheduler/actions.h).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/time.h"
#include "mail/clean_command.h"
#include "mail/dsn.h"
#include "mail/message_id.h"
#include "scheduler/channel.h"
#include "scheduler/domain_rules.h"
#include "scheduler/retry_schedule.h"

namespace reqmail::scheduler {

using base::Seconds;
using base::Time;
using mail::MessageId;

// A piece of todo/N, local/N or remote/N: whole records from `offset` on (letter, value, NUL).
struct RecordChunk {
  std::uint64_t offset = 0;
  std::string records;
  // Whether the file ends after them.
  bool last = true;
};

// The files of an earlier qmail-send beside a todo/N that was there at the start.
struct Leftovers {
  // The contents of info/N, and its time, which is the message's birth.
  std::optional<std::string> info;
  Time birth{};
  PerChannel<Time> next_try;
  // No file is older than todo/N, so they do not belong to an earlier message.
  bool younger_than_todo = true;
};

// --- Events ---

// The spawners have sent their limits.
struct Started {
  PerChannel<unsigned> spawner_limit;
};

// If a next try is further ahead than this, the time of info/N is needed.
inline constexpr Seconds kFarAhead{36000};

// info/N exists: a preprocessed message of an earlier qmail-send. The times of local/N and
// remote/N say when to try next.
struct MessageFound {
  MessageId id;
  PerChannel<std::optional<Time>> next_try;
  // The time of info/N, if a next try is more than kFarAhead away.
  std::optional<Time> birth = std::nullopt;
  // A file of another qmail's with the same number, which may have more recipients: the message
  // stays for them when ours have had it. Empty if there is none.
  std::string foreign = {};
};

// info/N exists without local/N and remote/N, but a file that qmail-send does not know has the
// same number: it may hold recipients of a channel of another qmail.
struct MessageStranded {
  MessageId id;
  std::string file;
};

// local/N or remote/N of a message found could not be examined.
struct MessageUnknown {
  MessageId id;
  Channel channel;
};

// Somebody has pulled the trigger.
struct Pulled {};

// The whole list of todo/; `restart` for the first one.
struct TodoListed {
  std::vector<MessageId> ids;
  bool restart = false;
};

struct TodoUnlistable {};

// The beginning of todo/N, which may be all of it, and the size of mess/N have been read.
struct TodoFound {
  MessageId id;
  std::uint64_t size = 0;
  RecordChunk chunk;
  std::optional<Leftovers> leftovers;
  // The sender wants to be told something: each pass needs the files.
  bool wants_reports = false;
};

// The answer to ReadTodoPart.
struct TodoRead {
  MessageId id;
  RecordChunk chunk;
};

// The answer to CompareTodo.
struct TodoCompared {
  MessageId id;
  // The files list the same recipients: up to here or, with the last part, all of them.
  bool same = true;
  // All recipients so far are marked done.
  PerChannel<bool> done{{true, true}};
};

enum class TodoFault : std::uint8_t { open, stat, read };

struct TodoUnreadable {
  MessageId id;
  TodoFault fault;
};

// The answer to WriteTodoResult.
enum class WriteOutcome : std::uint8_t {
  written,
  // Something of an earlier try could not be removed.
  not_removed,
  info_not_created,
  // info/N was made, a later step failed.
  failed,
};

struct TodoWritten {
  MessageId id;
  WriteOutcome outcome = WriteOutcome::written;
  // The warning, unless it was written: "unable to create local/7/145".
  std::string trouble;
};

struct Synced {
  MessageId id;
  bool success = true;
};

struct CleanAnswered {
  mail::CleanKind kind;
  MessageId id;
  bool success = true;
};

struct CleanLost {};

// The answer to OpenPass.
struct PassOpened {
  Channel channel;
  MessageId id;
  std::string sender;
  Time birth{};
  // The time of the recipient file.
  Time changed{};
  RecordChunk chunk;
  // What the sender wants to be told; nullopt if that is nothing.
  std::optional<mail::DsnRequest> dsn = std::nullopt;
};

// The answer to ReadPass.
struct PassRead {
  Channel channel;
  RecordChunk chunk;
};

enum class PassFault : std::uint8_t { info, open, read };

struct PassFailed {
  Channel channel;
  MessageId id;
  PassFault fault;
};

// Bytes from a spawner.
struct Reported {
  Channel channel;
  std::string bytes;
};

struct ChannelLost {
  Channel channel;
};

// The spawner accepts orders again, or does not for now.
struct ChannelWritable {
  Channel channel;
  bool writable = true;
};

struct MarkFailed {
  Channel channel;
  MessageId id;
  std::uint64_t offset = 0;
};

// The answer to MarkAgain.
struct MarkedAgain {
  Channel channel;
  MessageId id;
  std::uint64_t offset = 0;
  bool success = true;
};

// The answer to AppendBounce.
struct BounceNoted {
  MessageId id;
  bool success = true;
};

// The answer to InjectBounce.
enum class BounceOutcome : std::uint8_t {
  none,              // there was no bounce/N
  sent,              // queued; bounce/N is gone
  discarded,         // a bounce of a double bounce; bounce/N is gone
  double_discarded,  // a double bounce, as control/doublebounceto wants; bounce/N is gone
  removed,           // bounce/N of a bounce that went out before is gone
  no_info,
  not_examined,  // whether there is a bounce/N could not be found out
  not_started,
  trouble,
  not_removed_sent,              // queued, but bounce/N could not be removed
  not_removed_discarded,         // the same for a discarded one
  not_removed_double_discarded,  // the same for a discarded double bounce
  not_removed,                   // once more
  left,                          // not tried, since qmail-send is about to end
};

struct BounceInjected {
  MessageId id;
  BounceOutcome outcome = BounceOutcome::none;
  // Process id of the queue program.
  std::uint64_t pid = 0;
};

// The answer to SendNotice.
struct NoticeSent {
  MessageId id;
  bool success = true;
  // Process id of the queue program.
  std::uint64_t pid = 0;
};

// The answer to RemoveRecipients and RemoveInfo.
struct RecipientsRemoved {
  Channel channel;
  MessageId id;
  bool success = true;
};

struct InfoRemoved {
  MessageId id;
  bool success = true;
};

struct RetimeFailed {
  Channel channel;
  MessageId id;
};

// The answer to SetBirth if it has failed.
struct BirthNotSet {
  MessageId id;
};

// A directory could not be listed while the queue was looked through.
struct ScanFailed {
  std::string directory;
};

// A message without info/N and todo/N is older than 36 hours.
struct LeftoverFound {
  MessageId id;
};

struct Alarm {};

// The control files that count at HUP have been read again.
struct Reread {
  std::vector<std::string> locals;
  std::vector<std::string> virtualdomains;
  RetrySchedule retry = {};
  DomainRules domains = {};
  Seconds delay_warning{14400};
  bool utf8 = false;
};

struct RereadFailed {
  std::string file;
};

struct Terminate {};

// The main loop has something to report in the log.
struct Noticed {
  std::string warning;
  bool alert = false;
};

// Time to do the next piece of work: to be given again until no action comes back.
struct Turn {};

using Event =
    std::variant<Started, MessageFound, MessageStranded, MessageUnknown, Pulled, TodoListed,
                 TodoUnlistable, TodoFound, TodoRead, TodoCompared, TodoUnreadable, TodoWritten,
                 Synced, CleanAnswered, CleanLost, PassOpened, PassRead, PassFailed, Reported,
                 ChannelLost, ChannelWritable, MarkFailed, MarkedAgain, BounceNoted,
                 BounceInjected, NoticeSent, RecipientsRemoved, InfoRemoved, RetimeFailed,
                 BirthNotSet, ScanFailed, LeftoverFound, Alarm, Reread, RereadFailed, Terminate,
                 Noticed, Turn>;

}  // namespace reqmail::scheduler
