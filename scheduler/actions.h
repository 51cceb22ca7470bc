// What qmail-send does: the scheduler's answer to an event (scheduler/events.h).
// send/executor.h performs these actions over the queue, the spawners, queue programs and
// qmail-clean, in their order; what is answered at once is handled before the next action.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "scheduler/events.h"
#include "scheduler/notice_text.h"

namespace reqmail::scheduler {

// Whole lines with their line feeds.
struct Log {
  std::string line;
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
// from the end of the part before.
struct CompareTodo {
  MessageId id;
  PerChannel<std::string> recipients;
  bool first = true;
  bool last = true;
};

// Make info/N, local/N and remote/N, or append recipients if it is not the first part. A
// channel without recipients in this part has an empty text, and no file is made without any.
struct WriteTodoResult {
  MessageId id;
  std::string info;
  PerChannel<std::string> recipients;
  // An old bounce/N goes too.
  bool remove_bounce = false;
  bool first = true;
  bool last = true;
  // No message of this number has been known to this qmail-send.
  bool fresh = false;
};

// Make info/N, local/N and remote/N durable beside the deliveries; `rewrite`: write them anew
// first, since an earlier sync failed.
struct SyncMessage {
  MessageId id;
  PerChannel<bool> recipients;
  bool rewrite = false;
};

struct AskClean {
  mail::CleanKind kind;
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

// The same, once more after it has failed.
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

// Queue a report for the sender of a message whose mess/N is there. Answered with NoticeSent,
// at once or when a queue program has ended.
struct SendNotice {
  MessageId id;
  NoticeRequest request;
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

// Try the directories again that could not be listed.
struct RetryScan {};

struct Exit {};

using Action = std::variant<Log, ListTodo, ExamineMessage, ReadTodo, ReadTodoPart, CompareTodo,
                            WriteTodoResult, SyncMessage, AskClean, OpenPass, ReadPass,
                            StartDelivery, MarkDone, MarkAgain, AppendBounce, InjectBounce,
                            SendNotice, HurryBounces, RemoveRecipients, RemoveInfo,
                            RemoveStrays, Retime, SetBirth, SweepLeftovers, RetryScan, Exit>;

using Actions = std::vector<Action>;

}  // namespace reqmail::scheduler
