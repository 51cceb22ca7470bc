// What happens to qmail-send (events) and what it does about it (actions). The scheduler turns
// the first into the second; send/executor.h performs them over the queue, the spawners and
// qmail-clean.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/time.h"
#include "mail/message_id.h"

namespace reqmail::scheduler {

using base::Seconds;
using base::Time;
using mail::MessageId;

enum class Channel : std::uint8_t { local, remote };

inline constexpr std::array<Channel, 2> kChannels = {Channel::local, Channel::remote};

// One T per channel.
template <typename T>
struct PerChannel {
  std::array<T, 2> of{};

  T& operator[](Channel channel) { return of[static_cast<std::size_t>(channel)]; }

  const T& operator[](Channel channel) const { return of[static_cast<std::size_t>(channel)]; }
};

// A piece of todo/N, local/N or remote/N: whole records from `offset` on (letter, value, NUL).
struct RecordChunk {
  std::uint64_t offset = 0;
  std::string records;
  // Whether the file ends behind them.
  bool last = true;
};

// What lies beside a todo/N that was there at the start, for a restart that keeps it.
struct Leftovers {
  // Contents of info/N and its time, which is the message's birth.
  std::optional<std::string> info;
  Time birth{};
  PerChannel<Time> next_try;
  // None of the files is older than todo/N: they are not another message's.
  bool younger_than_todo = true;
};

// --- Events ---

// The spawners have told their limits.
struct Started {
  PerChannel<unsigned> spawner_limit;
};

// From here on a time of a next try is so far ahead that the time of info/N is asked for.
inline constexpr Seconds kFarAhead{36000};

// info/N exists: a preprocessed message of an earlier qmail-send. The times of local/N and
// remote/N say when to try next.
struct MessageFound {
  MessageId id;
  PerChannel<std::optional<Time>> next_try;
  // The time of info/N, where a next try is more than kFarAhead away.
  std::optional<Time> birth = std::nullopt;
  // A file of another qmail's that bears the number too: further recipients perhaps, for whom
  // the message stays when these have had it. Empty: there is none.
  std::string foreign = {};
};

// info/N exists without local/N and remote/N, but a file that qmail-send does not know bears
// the same number: a channel of another qmail, with recipients perhaps.
struct MessageStranded {
  MessageId id;
  std::string file;
};

// local/N or remote/N of a message found could not be examined.
struct MessageUnknown {
  MessageId id;
  Channel channel;
};

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
};

// The answer to ReadTodoPart.
struct TodoRead {
  MessageId id;
  RecordChunk chunk;
};

// The answer to CompareTodo.
struct TodoCompared {
  MessageId id;
  // The files list the same recipients, up to here or, behind the last part, altogether.
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
  // The warning in trouble: "unable to create local/7/145".
  std::string trouble;
};

// The time of grace before a message's files are synced is over.
struct SyncDue {
  MessageId id;
};

struct Synced {
  MessageId id;
  bool success = true;
};

enum class CleanKind : std::uint8_t { foop, todo };

struct CleanAnswered {
  CleanKind kind;
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

// The spawner takes orders again, or not for now.
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
  none,       // there was no bounce/N
  sent,       // queued; bounce/N is gone
  discarded,  // a bounce of a double bounce; bounce/N is gone
  removed,    // bounce/N of a bounce that went out before is gone
  no_info,
  not_examined,  // whether there is a bounce/N could not be found out
  not_started,
  trouble,
  not_removed_sent,       // queued, but bounce/N could not be removed
  not_removed_discarded,  // the same for a discarded one
  not_removed,            // once more
  left,                   // not tried, since qmail-send is about to end
};

struct BounceInjected {
  MessageId id;
  BounceOutcome outcome = BounceOutcome::none;
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

// A message without info/N and todo/N is older than 36 hours.
struct LeftoverFound {
  MessageId id;
};

struct Alarm {};

// control/locals and control/virtualdomains have been read again.
struct Reread {
  std::vector<std::string> locals;
  std::vector<std::string> virtualdomains;
};

struct RereadFailed {
  std::string file;
};

struct Terminate {};

// Time to do the next piece of work: to be given again until no action comes back.
struct Turn {};

using Event =
    std::variant<Started, MessageFound, MessageStranded, MessageUnknown, TodoListed,
                 TodoUnlistable, TodoFound, TodoRead, TodoCompared, TodoUnreadable, TodoWritten,
                 SyncDue, Synced, CleanAnswered, CleanLost, PassOpened, PassRead, PassFailed,
                 Reported, ChannelLost, ChannelWritable, MarkFailed, MarkedAgain, BounceNoted,
                 BounceInjected, RecipientsRemoved, InfoRemoved, RetimeFailed, LeftoverFound,
                 Alarm, Reread, RereadFailed, Terminate, Turn>;

// --- Actions, performed in order; an answer is handled before the next action ---

// A whole line with its line feed.
struct Log {
  std::string line;
};

// Log lines wait until this message's todo/N is gone (for a moment at most): what a line tells
// of, such as a deferral, then finds the queue as netqmail leaves it.
struct HoldLog {
  MessageId id;
};

struct ListTodo {};

// Look at local/N and remote/N of a message again; answered with MessageFound or
// MessageUnknown.
struct ExamineMessage {
  MessageId id;
};

// `restart`: look for leftovers too.
struct ReadTodo {
  MessageId id;
  bool restart = false;
};

// Read todo/N on, `first`: from its beginning. Answered with TodoRead or TodoUnreadable. There
// is one such message at a time.
struct ReadTodoPart {
  MessageId id;
  bool first = true;
};

// Compare recipients with what local/N and remote/N hold, marks apart: from the beginning or
// from where the part before ended.
struct CompareTodo {
  MessageId id;
  PerChannel<std::string> recipients;
  bool first = true;
  bool last = true;
};

// Make info/N, local/N and remote/N, or append recipients where it is not the first part. A
// channel without recipients in this part has an empty text, and no file is made without any.
struct WriteTodoResult {
  MessageId id;
  std::string info;
  PerChannel<std::string> recipients;
  // An old bounce/N goes too.
  bool remove_bounce = false;
  bool first = true;
  bool last = true;
};

// Answer with SyncDue after a moment of grace.
struct SyncLater {
  MessageId id;
};

// Make info/N, local/N and remote/N durable beside the deliveries; `rewrite`: write them anew
// first, since an earlier sync failed.
struct SyncMessage {
  MessageId id;
  PerChannel<bool> recipients;
  bool rewrite = false;
};

struct AskClean {
  CleanKind kind;
  MessageId id;
};

struct OpenPass {
  Channel channel;
  MessageId id;
};

struct ReadPass {
  Channel channel;
  MessageId id;
  std::uint64_t offset = 0;
};

// An order to a spawner.
struct StartDelivery {
  Channel channel;
  unsigned slot = 0;
  MessageId id;
  std::string sender;
  std::string recipient;
};

struct MarkDone {
  Channel channel;
  MessageId id;
  std::uint64_t offset = 0;
};

// Once more where it has failed.
struct MarkAgain {
  Channel channel;
  MessageId id;
  std::uint64_t offset = 0;
};

struct AppendBounce {
  MessageId id;
  std::string paragraph;
};

// Answered with BounceInjected, at once or when a queue program has ended. `sent`: it has gone
// out already, only bounce/N is to be removed.
struct InjectBounce {
  MessageId id;
  bool sent = false;
};

// qmail-send is to end: bounces under way may not take long any more.
struct HurryBounces {};

struct RemoveRecipients {
  Channel channel;
  MessageId id;
};

struct RemoveInfo {
  MessageId id;
};

// Remove what a leftover message may have besides mess/N and intd/N.
struct RemoveStrays {
  MessageId id;
};

// At the end: keep the time of the next try as the file's time.
struct Retime {
  Channel channel;
  MessageId id;
  Time time{};
};

// The message's lifetime counts from this time on, which becomes the time of info/N.
struct SetBirth {
  MessageId id;
  Time birth{};
};

// Look through mess/ for leftovers.
struct SweepLeftovers {};

struct Exit {};

using Action = std::variant<Log, HoldLog, ListTodo, ExamineMessage, ReadTodo, ReadTodoPart,
                            CompareTodo, WriteTodoResult, SyncLater, SyncMessage, AskClean,
                            OpenPass, ReadPass, StartDelivery, MarkDone, MarkAgain,
                            AppendBounce, InjectBounce, HurryBounces, RemoveRecipients,
                            RemoveInfo, RemoveStrays, Retime, SetBirth, SweepLeftovers, Exit>;

using Actions = std::vector<Action>;

}  // namespace reqmail::scheduler
