#include "queue/writer.h"

#include <algorithm>
#include <cerrno>

#include "mail/verdict_codec.h"

namespace reqmail::queue {

namespace {

namespace exits = mail::queue_exit;

// qmail-send and the spawners read as members of group qmail or as others; only qmailq may
// write.
constexpr mode_t kMode = 0644;

// The number of names in pid/ that a process tries before it gives up.
constexpr std::uint64_t kPidNames = 9;

}  // namespace

Writer::~Writer() {
  undo();
}

void Writer::undo() {
  // If a removal fails, the janitors of qmail-send and qmail-clean remove the file later.
  switch (stage_) {
  case Stage::intd:
    (void)files_.unlink(intd_path_);
    [[fallthrough]];
  case Stage::mess:
    if (dsn_) {
      (void)files_.unlink(dsn_path_);
    }
    (void)files_.unlink(mess_path_);
    break;
  case Stage::pid:
    (void)files_.unlink(pid_path_);
    break;
  case Stage::nothing:
  case Stage::committed:
    break;
  }
  stage_ = Stage::nothing;
}

int Writer::create_pid_file(std::uint64_t pid, base::Time now) {
  for (std::uint64_t sequence = 1; sequence <= kPidNames; ++sequence) {
    pid_path_ = mail::pid_path(pid, now, sequence);
    auto file = files_.create(pid_path_, kMode);
    if (file) {
      mess_ = std::move(*file);
      stage_ = Stage::pid;
      return 0;
    }
    if (file.error().error != EEXIST) {
      break;
    }
  }
  return exits::kPidFile;
}

int Writer::create(std::uint64_t pid, base::Time now) {
  if (const int failed = create_pid_file(pid, now); failed != 0) {
    return failed;
  }
  const auto status = mess_->status();
  if (!status) {
    return exits::kPidFile;
  }
  const mail::MessageId id(status->inode);
  mess_path_ = layout_.path(mail::QueueKind::mess, id);
  mess_directory_ = layout_.directory(mail::QueueKind::mess, id);
  dsn_path_ = layout_.dsn_path(id);
  intd_path_ = layout_.path(mail::QueueKind::intd, id);
  todo_path_ = layout_.path(mail::QueueKind::todo, id);
  todo_directory_ = layout_.directory(mail::QueueKind::todo, id);
  if (!files_.rename(pid_path_, mess_path_)) {
    return exits::kMessName;
  }
  stage_ = Stage::mess;
  return 0;
}

int Writer::write_message(std::string_view bytes) {
  return mess_->write(bytes) ? 0 : exits::kWrite;
}

// A file that is there already belongs to an earlier message of this number.
Result<void> Writer::create_dsn_file() {
  auto file = files_.create(dsn_path_, kMode);
  if (!file && file.error().error == EEXIST) {
    if (const auto removed = files_.unlink(dsn_path_); !removed) {
      return removed.error();
    }
    file = files_.create(dsn_path_, kMode);
  }
  if (!file) {
    return file.error();
  }
  dsn_ = std::move(*file);
  return {};
}

int Writer::write_dsn(std::string_view text) {
  if (!create_dsn_file()) {
    return exits::kIntdFile;
  }
  return dsn_->write(text) ? 0 : exits::kWrite;
}

int Writer::start_envelope() {
  mess_->begin_writeback();
  auto file = files_.create(intd_path_, kMode);
  if (!file) {
    return exits::kIntdFile;
  }
  stage_ = Stage::intd;
  intd_ = std::move(*file);
  return 0;
}

int Writer::write_envelope(std::string_view bytes) {
  return intd_->write(bytes) ? 0 : exits::kWrite;
}

Writer::Syncs Writer::begin_sync() {
  // The commit of the file system for one file then includes the others.
  intd_->begin_writeback();
  Syncs syncs{{mess_.get()}, mess_directory_};
  if (dsn_) {
    syncs.files.push_back(dsn_.get());
  }
  syncs.files.push_back(intd_.get());
  return syncs;
}

int Writer::sync_contents() {
  const Syncs syncs = begin_sync();
  const bool durable = std::all_of(syncs.files.begin(), syncs.files.end(),
                                   [](File* file) { return file->sync().has_value(); });
  return durable && files_.sync_directory(syncs.directory) ? 0 : exits::kWrite;
}

int Writer::link_todo() {
  const auto made =
      dsn_ ? files_.rename(intd_path_, todo_path_) : files_.link(intd_path_, todo_path_);
  return made ? 0 : exits::kTodoName;
}

int Writer::end_commit(bool todo_is_durable) {
  if (!todo_is_durable) {
    // The link may be on disk or not. mess/N and intd/N are kept unless its removal is known to
    // be on disk, since todo/N must never exist without its message.
    if (!files_.unlink(todo_path_) || !files_.sync_directory(todo_directory_)) {
      stage_ = Stage::committed;
    }
    return exits::kTodoName;
  }
  stage_ = Stage::committed;
  return 0;
}

int Writer::commit() {
  if (const int failed = link_todo(); failed != 0) {
    return failed;
  }
  return end_commit(files_.sync_directory(todo_directory_).has_value());
}

}  // namespace reqmail::queue
