// From todo/N to info/N, local/N and remote/N ("write, do not wait"):
//
//   (routing: scheduler::Router says which recipient goes where)
//   TodoResultWriter       makes the three files, unsynced; deliveries may start now
//   sync_todo_results()    later, for many messages at once
//   then qmail-clean is asked for todo/N (which removes intd/N and todo/N)
//
// todo/N alone holds the message until sync_todo_results() has succeeded. A message that is
// finished before needs no sync: info/N goes, then todo/N, then local/N and remote/N with all
// recipients marked, then mess/N, so that it cannot come back (scheduler/scheduler.h).
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "mail/envelope.h"
#include "mail/message_id.h"
#include "mail/queue_names.h"
#include "queue/files.h"

namespace reqmail::queue {

// Contents of the files that qmail-send makes. `local` and `remote` are records T recipient NUL
// (mail::append_record) and empty where the channel has no recipients: no file is made then.
struct TodoResult {
  std::string info;
  std::string local;
  std::string remote;
};

// What went wrong, for qmail-send's warning: "unable to unlink info/7/145",
// "unable to create local/7/145", "trouble writing to remote/7/145".
enum class TodoStep { unlink, create, write };

struct TodoTrouble {
  TodoStep step;
  mail::QueueKind kind;
  // The warning without "warning: ".
  std::string text;
  int error = 0;
};

// Makes info/N, local/N, remote/N, all at once or in parts, replacing what is left of an
// earlier try. Nothing is synced. In trouble the files made so far stay; the next try replaces
// them.
class TodoResultWriter {
 public:
  // `no_leftovers`: nothing is known of an earlier message with this number, so no list of it
  // is looked for unless there is an info/N after all.
  TodoResultWriter(Files& files, mail::QueueLayout layout, mail::MessageId id,
                   bool no_leftovers = false)
      : files_(files), layout_(layout), id_(id), no_leftovers_(no_leftovers) {}

  // `info` comes with the first part, recipients may come with any.
  std::optional<TodoTrouble> write(const TodoResult& part);

  // Removes what has been made.
  void remove();

  // One of the files that have been made, open for writing; null if it has not been made.
  std::unique_ptr<File> take(mail::QueueKind kind);

 private:
  std::optional<TodoTrouble> remove_leftovers(const TodoResult& first);
  std::optional<TodoTrouble> append(mail::QueueKind kind, const std::string& content);
  std::optional<TodoTrouble> create(mail::QueueKind kind);
  std::optional<TodoTrouble> remove_list(mail::QueueKind kind);

  Files& files_;
  mail::QueueLayout layout_;
  mail::MessageId id_;
  bool no_leftovers_;
  bool begun_ = false;
  std::map<mail::QueueKind, std::unique_ptr<File>> made_;
};

// A message of which todo/N is to be removed once its files are durable.
struct UnsyncedMessage {
  mail::MessageId id;
  bool local = false;
  bool remote = false;
};

// Syncs info/N, local/N and remote/N of each message, and each directory touched once. Returns
// the messages for which all of it succeeded; the files of the others must be written anew
// before another sync counts. A message whose files are gone meanwhile
// (finished) counts as synced. Uses nothing but its arguments, so that a child process can run
// it beside the deliveries.
std::vector<mail::MessageId> sync_todo_results(Files& files, mail::QueueLayout layout,
                                               const std::vector<UnsyncedMessage>& messages);

}  // namespace reqmail::queue
