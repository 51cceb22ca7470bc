#include "queue/todo.h"

#include <algorithm>
#include <cerrno>
#include <set>

#include "base/text.h"

namespace reqmail::queue {

namespace {

// Nobody but qmail-send and root reads who gets what.
constexpr mode_t kMode = 0600;

TodoTrouble trouble(TodoStep step, Kind kind, std::string_view what, const std::string& path,
                    const Failure& failure) {
  return TodoTrouble{step, kind, base::concat({what, path}), failure.error};
}

std::optional<TodoTrouble> replace(Files& files, Layout layout, mail::MessageId id, Kind kind,
                                   const std::string& content) {
  const std::string path = layout.path(kind, id);
  auto file = files.create(path, kMode);
  if (!file && file.error().error == EEXIST) {
    if (auto removed = files.unlink(path); !removed) {
      return trouble(TodoStep::unlink, kind, "unable to unlink ", path, removed.error());
    }
    file = files.create(path, kMode);
  }
  if (!file) {
    return trouble(TodoStep::create, kind, "unable to create ", path, file.error());
  }
  if (auto written = (*file)->write(content); !written) {
    return trouble(TodoStep::write, kind, "trouble writing to ", path, written.error());
  }
  return std::nullopt;
}

std::optional<TodoTrouble> remove(Files& files, Layout layout, mail::MessageId id, Kind kind) {
  const std::string path = layout.path(kind, id);
  if (auto removed = remove_if_there(files, path); !removed) {
    return trouble(TodoStep::unlink, kind, "unable to unlink ", path, removed.error());
  }
  return std::nullopt;
}

// Whether what there is of the file is durable now.
bool sync_file(Files& files, const std::string& path) {
  auto file = files.open_read(path);
  if (!file) {
    return file.error().error == ENOENT;
  }
  return static_cast<bool>((*file)->sync());
}

}  // namespace

TodoText read_todo(Files& files, Layout layout, mail::MessageId id) {
  TodoText todo;
  const std::string path = layout.path(Kind::todo, id);
  auto file = files.open_read(path);
  if (!file) {
    todo.failure = file.error();
    return todo;
  }
  todo.opened = true;
  auto text = read_all(**file);
  if (text) {
    todo.text = std::move(*text);
  } else {
    todo.failure = text.error();
  }
  return todo;
}

std::string info_record(std::string_view sender) {
  std::string text;
  mail::append_record(text, 'F', sender);
  return text;
}

std::optional<TodoTrouble> write_todo_result(Files& files, Layout layout, mail::MessageId id,
                                             const TodoResult& result) {
  struct Part {
    Kind kind;
    const std::string& content;
  };

  // A recipient list of an earlier try that is not to be goes first: it must not stand beside a
  // new info/N.
  for (const Part part : {Part{Kind::local, result.local}, Part{Kind::remote, result.remote}}) {
    if (part.content.empty()) {
      if (auto failed = remove(files, layout, id, part.kind)) {
        return failed;
      }
    }
  }
  for (const Part part : {Part{Kind::info, result.info}, Part{Kind::local, result.local},
                          Part{Kind::remote, result.remote}}) {
    if (!part.content.empty()) {
      if (auto failed = replace(files, layout, id, part.kind, part.content)) {
        return failed;
      }
    }
  }
  return std::nullopt;
}

std::vector<mail::MessageId> sync_todo_results(Files& files, Layout layout,
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
    for (const Kind kind : {Kind::info, Kind::local, Kind::remote}) {
      if ((kind == Kind::local && !message.local) ||
          (kind == Kind::remote && !message.remote)) {
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
