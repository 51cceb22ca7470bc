#include "queue/todo.h"

#include <algorithm>
#include <cerrno>
#include <set>
#include <utility>

#include "base/text.h"

namespace reqmail::queue {

namespace {

// Only qmail-send and root may read who gets which message.
constexpr mode_t kMode = 0600;

TodoTrouble trouble(TodoStep step, mail::QueueKind kind, std::string_view what,
                    const std::string& path, const Failure& failure) {
  return TodoTrouble{step, kind, base::concat({what, path}), failure.error};
}

// Returns whether the file is durable now, or does not exist.
bool sync_file(Files& files, const std::string& path) {
  auto file = files.open_read(path);
  if (!file) {
    return file.error().error == ENOENT;
  }
  return static_cast<bool>((*file)->sync());
}

}  // namespace

std::optional<TodoTrouble> TodoResultWriter::write(const TodoResult& part) {
  if (!std::exchange(begun_, true) && !no_leftovers_) {
    if (auto failed = remove_leftovers(part)) {
      return failed;
    }
  }
  if (auto failed = append(mail::QueueKind::info, part.info)) {
    return failed;
  }
  if (auto failed = append(mail::QueueKind::local, part.local)) {
    return failed;
  }
  return append(mail::QueueKind::remote, part.remote);
}

// Removes a recipient list of an earlier try if the new result may have none for its channel:
// it must not exist together with a new info/N.
std::optional<TodoTrouble> TodoResultWriter::remove_leftovers(const TodoResult& first) {
  for (const mail::QueueKind kind : {mail::QueueKind::local, mail::QueueKind::remote}) {
    if (!(kind == mail::QueueKind::local ? first.local : first.remote).empty()) {
      continue;
    }
    if (auto failed = remove_list(kind)) {
      return failed;
    }
  }
  return std::nullopt;
}

std::optional<TodoTrouble> TodoResultWriter::remove_list(mail::QueueKind kind) {
  const std::string path = layout_.path(kind, id_);
  if (auto removed = remove_if_there(files_, path); !removed) {
    return trouble(TodoStep::unlink, kind, "unable to unlink ", path, removed.error());
  }
  return std::nullopt;
}

std::optional<TodoTrouble> TodoResultWriter::append(mail::QueueKind kind,
                                                    const std::string& content) {
  if (content.empty()) {
    return std::nullopt;
  }
  if (!made_.contains(kind)) {
    if (auto failed = create(kind)) {
      return failed;
    }
  }
  if (auto written = made_[kind]->write(content); !written) {
    return trouble(TodoStep::write, kind, "trouble writing to ", layout_.path(kind, id_),
                   written.error());
  }
  return std::nullopt;
}

std::optional<TodoTrouble> TodoResultWriter::create(mail::QueueKind kind) {
  const std::string path = layout_.path(kind, id_);
  auto file = files_.create(path, kMode);
  if (!file && file.error().error == EEXIST) {
    if (kind == mail::QueueKind::info && std::exchange(no_leftovers_, false)) {
      for (const mail::QueueKind list : {mail::QueueKind::local, mail::QueueKind::remote}) {
        if (auto failed = remove_list(list)) {
          return failed;
        }
      }
    }
    if (auto removed = files_.unlink(path); !removed) {
      return trouble(TodoStep::unlink, kind, "unable to unlink ", path, removed.error());
    }
    file = files_.create(path, kMode);
  }
  if (!file) {
    return trouble(TodoStep::create, kind, "unable to create ", path, file.error());
  }
  made_[kind] = std::move(*file);
  return std::nullopt;
}

std::unique_ptr<File> TodoResultWriter::take(mail::QueueKind kind) {
  const auto made = made_.find(kind);
  return made == made_.end() ? nullptr : std::move(made->second);
}

void TodoResultWriter::remove() {
  // The next try replaces a file that cannot be removed.
  for (const auto& made : made_) {
    (void)files_.unlink(layout_.path(made.first, id_));
  }
  made_.clear();
}

std::vector<mail::MessageId> sync_todo_results(Files& files, mail::QueueLayout layout,
                                               const std::vector<UnsyncedMessage>& messages) {
  struct Outcome {
    const UnsyncedMessage* message;
    std::vector<std::string> directories;
    bool synced = true;
  };

  std::vector<Outcome> outcomes;
  std::set<std::string> directories;
  for (const UnsyncedMessage& message : messages) {
    Outcome outcome{&message, {}};
    for (const mail::QueueKind kind :
         {mail::QueueKind::info, mail::QueueKind::local, mail::QueueKind::remote}) {
      if ((kind == mail::QueueKind::local && !message.local) ||
          (kind == mail::QueueKind::remote && !message.remote)) {
        continue;
      }
      outcome.synced = outcome.synced && sync_file(files, layout.path(kind, message.id));
      outcome.directories.push_back(layout.directory(kind, message.id));
    }
    directories.insert(outcome.directories.begin(), outcome.directories.end());
    outcomes.push_back(std::move(outcome));
  }
  std::set<std::string> failed;
  for (const std::string& directory : directories) {
    if (!files.sync_directory(directory)) {
      failed.insert(directory);
    }
  }
  std::vector<mail::MessageId> synced;
  for (const Outcome& outcome : outcomes) {
    const bool named = std::none_of(
        outcome.directories.begin(), outcome.directories.end(),
        [&failed](const std::string& directory) { return failed.count(directory) > 0; });
    if (outcome.synced && named) {
      synced.push_back(outcome.message->id);
    }
  }
  return synced;
}

}  // namespace reqmail::queue
