// The transaction by which a message gets into the queue:
//
//   pid/...         created; its inode number N is the message's number
//   mess/S/N        is the new name of pid/...; the message is written
//   mess/S/N.dsn    only if the sender wants to be told something: created and written
//   intd/N          created; the envelope is written
//   fsync of mess/S/N, mess/S/N.dsn, intd/N and mess/S
//   todo/N          linked to intd/N: from here on qmail-send sees the message. If there is
//                   mess/S/N.dsn, intd/N is renamed instead, which tells qmail-clean that it
//                   has that file to remove (queue/cleaner.h)
//   fsync of todo   only now may anybody be told that the message is safe
//
// Each step returns 0 or the exit code of qmail-queue(8) for its failure (mail::queue_exit).
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "mail/message_id.h"
#include "mail/queue_names.h"
#include "queue/files.h"

namespace reqmail::queue {

class Writer {
 public:
  Writer(Files& files, mail::QueueLayout layout) : files_(files), layout_(layout) {}

  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;
  // Removes the files that were made, unless commit() has succeeded.
  ~Writer();

  // Makes mess/S/N. The temporary name in pid/ consists of `pid` and `now`.
  [[nodiscard]] int create(std::uint64_t pid, base::Time now);

  // Appends to the message.
  [[nodiscard]] int write_message(std::string_view bytes);

  // Makes mess/S/N.dsn.
  [[nodiscard]] int write_dsn(std::string_view text);

  // Ends the message and makes intd/N.
  [[nodiscard]] int start_envelope();

  // Appends to the records of intd/N.
  [[nodiscard]] int write_envelope(std::string_view bytes);

  // Syncs the message and the envelope, which may take long on a slow disk.
  [[nodiscard]] int sync_contents();

  // Makes todo/N durably, so that the message is in the queue.
  [[nodiscard]] int commit();

  // The same in single steps, for a process whose syncs run beside its other work
  // (queue/commits.h). First come the syncs of begin_sync(), in any order and at the same time;
  // if all succeed, link_todo(), a sync of todo_directory(), and end_commit() with its result.
  struct Syncs {
    // They belong to the Writer.
    std::vector<File*> files;
    std::string directory;
  };

  [[nodiscard]] Syncs begin_sync();
  [[nodiscard]] int link_todo();

  [[nodiscard]] const std::string& todo_directory() const { return todo_directory_; }

  [[nodiscard]] int end_commit(bool todo_is_durable);

 private:
  enum class Stage { nothing, pid, mess, intd, committed };

  [[nodiscard]] int create_pid_file(std::uint64_t pid, base::Time now);
  [[nodiscard]] Result<void> create_dsn_file();
  void undo();

  Files& files_;
  mail::QueueLayout layout_;
  Stage stage_ = Stage::nothing;
  std::string pid_path_;
  std::string mess_path_;
  std::string mess_directory_;
  std::string todo_directory_;
  std::string intd_path_;
  std::string todo_path_;
  std::string dsn_path_;
  std::unique_ptr<File> mess_;
  std::unique_ptr<File> dsn_;
  std::unique_ptr<File> intd_;
};

}  // namespace reqmail::queue
