// Preprocessing of todo/N into info/N, local/N and remote/N, without waiting for syncs:
//
//   (routing: scheduler::Router says which recipient goes where)
//   TodoResultWriter       makes the three files, unsynced; deliveries may start now
//   sync_todo_results()    later, for many messages at once
//   then qmail-clean is asked for todo/N (which removes intd/N and todo/N)
//
// todo/N alone holds the message until sync_todo_results() has succeeded. A message that is
// finished before that needs no sync: info/N is removed first, then todo/N, then local/N and
// remote/N with all recipients marked, then mess/N, so that the message cannot come back after
// a crash (scheduler/scheduler.h).
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

// The contents of the files that qmail-send makes. `local` and `remote` are records T recipient
// NUL (mail::append_record()). If a channel has no recipients, its text is empty and no file is
// made.
struct TodoResult {
  std::string info;
  std::string local;
  std::string remote;
};

// The step that failed, for qmail-send's warning: "unable to unlink info/7/145", "unable to
// create local/7/145", "trouble writing to remote/7/145".
enum class TodoStep { unlink, create, write };

struct TodoTrouble {
  TodoStep step;
  mail::QueueKind kind;
  // The text of the warning, without "warning: ".
  std::string text;
  int error = 0;
};

// Makes info/N, local/N and remote/N, all at once or in parts, and replaces the files of an
// earlier try. It syncs nothing. After an error the files made so far remain, and the next try
// replaces them.
class TodoResultWriter {
 public:
  // `no_leftovers` means that no earlier message with this number is known, so its lists are
  // searched only if info/N exists after all.
  TodoResultWriter(Files& files, mail::QueueLayout layout, mail::MessageId id,
                   bool no_leftovers = false)
      : files_(files), layout_(layout), id_(id), no_leftovers_(no_leftovers) {}

  // `info` must come with the first part; recipients may come with any part.
  std::optional<TodoTrouble> write(const TodoResult& part);

  // Removes the files that were made.
  void remove();

  // Returns one of the files that were made, open for writing; null if it was not made.
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

// A message whose todo/N is to be removed once its files are durable.
struct UnsyncedMessage {
  mail::MessageId id;
  bool local = false;
  bool remote = false;
};

// Syncs info/N, local/N and remote/N of each message, and each directory that is concerned
// once. Returns the messages for which everything succeeded; the files of the others must be
// written again before another sync counts. A message whose files no longer exist, because it
// is finished, counts as synced. It uses only its arguments, so that a thread can run it while
// deliveries continue.
std::vector<mail::MessageId> sync_todo_results(Files& files, mail::QueueLayout layout,
                                               const std::vector<UnsyncedMessage>& messages);

}  // namespace reqmail::queue
