#include "upgrade/todo_layout.h"

#include <algorithm>
#include <cerrno>
#include <vector>

#include "base/number.h"
#include "base/text.h"
#include "mail/message_id.h"
#include "sys/directory.h"
#include "sys/file.h"
#include "upgrade/disk.h"

namespace reqmail::upgrade {

namespace {

// How often a directory is emptied again because a message came in before it could be removed.
constexpr int kEmptyings = 1000;

std::string queue_path(const std::string& home, std::string_view kind) {
  return base::concat({home, "/queue/", kind});
}

std::string below(const std::string& folder, std::string_view name) {
  return base::concat({folder, "/", name});
}

// Entries of todo or intd that are directories with a number for a name.
Result<std::vector<std::string>> numbered_directories(const std::string& folder) {
  const auto names = sys::list_directory(folder);
  if (!names) {
    return names.error();
  }
  std::vector<std::string> found;
  for (const std::string& name : *names) {
    if (base::parse_u64(name) && is_directory(below(folder, name))) {
      found.push_back(name);
    }
  }
  return found;
}

// Moves one name; both may already name the file, and nothing is ever put over another message.
Result<void> move(const std::string& from, const std::string& to) {
  if (same_inode(from, to)) {
    return remove_if_there(from);
  }
  if (is_there(to)) {
    return temporary(base::concat({from, " and ", to, " are two messages with one number"}));
  }
  auto moved = sys::rename_file(from, to);
  if (!moved && moved.error().error == ENOENT) {
    // Its program gave up.
    return {};
  }
  return moved;
}

// All files of one kind's numbered directories one level up.
Result<void> raise(const std::string& folder) {
  const auto folders = numbered_directories(folder);
  if (!folders) {
    return folders.error();
  }
  for (const std::string& number : *folders) {
    const auto names = sys::list_directory(below(folder, number));
    if (!names) {
      return names.error();
    }
    for (const std::string& name : *names) {
      if (auto moved =
              move(base::concat({folder, "/", number, "/", name}), below(folder, name));
          !moved) {
        return moved;
      }
    }
  }
  return {};
}

// Whether all numbered directories are gone; false where one was not empty.
Result<bool> remove_numbered(const std::string& folder) {
  const auto folders = numbered_directories(folder);
  if (!folders) {
    return folders.error();
  }
  bool all = true;
  for (const std::string& number : *folders) {
    if (auto gone = remove_directory(below(folder, number)); !gone) {
      if (gone.error().error != ENOTEMPTY && gone.error().error != EEXIST) {
        return gone.error();
      }
      all = false;
    }
  }
  return all;
}

Result<void> sync_both(const std::string& todo, const std::string& intd) {
  if (auto synced = sys::sync_directory(todo); !synced) {
    return synced;
  }
  return sys::sync_directory(intd);
}

// A directory of the layout; the access of one that is there stays.
Result<void> make_numbered(const std::string& path, const Access& access) {
  if (is_directory(path)) {
    return {};
  }
  if (is_there(path)) {
    return temporary(base::concat({path, " is in the way"}));
  }
  if (auto made = make_directory(path, 0700); !made) {
    return made;
  }
  return set_access(path, access);
}

// Messages of one kind into their directories.
Result<void> lower(const std::string& folder, std::uint64_t split) {
  const auto names = sys::list_directory(folder);
  if (!names) {
    return names.error();
  }
  for (const std::string& name : *names) {
    const auto id = mail::MessageId::parse(name);
    if (!id || is_directory(below(folder, name))) {
      continue;
    }
    const std::string number = base::decimal(id->number() % split);
    if (auto moved = move(below(folder, name), base::concat({folder, "/", number, "/", name}));
        !moved) {
      return moved;
    }
  }
  return {};
}

// The access of the numbered directories; nothing where there are none. `count` becomes one
// more than the highest number.
Result<std::optional<Access>> examine(const std::string& folder, std::uint64_t& count) {
  const auto folders = numbered_directories(folder);
  if (!folders) {
    return folders.error();
  }
  std::optional<Access> access;
  for (const std::string& number : *folders) {
    const std::string path = below(folder, number);
    const auto status = sys::status(path);
    const auto names = sys::list_directory(path);
    if (!status || !names) {
      return status ? names.error() : status.error();
    }
    for (const std::string& name : *names) {
      if (!mail::MessageId::parse(name) || is_directory(below(path, name))) {
        return permanent(
            base::concat({below(path, name), " is no message: move it away first"}));
      }
    }
    access = access_of(*status);
    count = std::max(count, base::parse_u64(number).value_or(0) + 1);
  }
  return access;
}

}  // namespace

Result<std::optional<TodoLayout>> find_todo_layout(const std::string& home) {
  TodoLayout layout;
  const auto todo = examine(queue_path(home, "todo"), layout.split);
  if (!todo) {
    return todo.error();
  }
  const auto intd = examine(queue_path(home, "intd"), layout.split);
  if (!intd) {
    return intd.error();
  }
  if (!*todo && !*intd) {
    return std::optional<TodoLayout>();
  }
  // Only one of them may be divided in a home that somebody has repaired by hand.
  layout.todo = *todo ? **todo : **intd;
  layout.intd = *intd ? **intd : **todo;
  return std::optional<TodoLayout>(layout);
}

Result<void> flatten_todo(const std::string& home) {
  const std::string todo = queue_path(home, "todo");
  const std::string intd = queue_path(home, "intd");
  for (int count = 0; count < kEmptyings; ++count) {
    // intd first: a message whose intd file has moved can no longer be linked into todo.
    for (const std::string* folder : {&intd, &todo}) {
      if (auto moved = raise(*folder); !moved) {
        return moved;
      }
    }
    if (auto synced = sync_both(todo, intd); !synced) {
      return synced;
    }
    const auto without_todo = remove_numbered(todo);
    if (!without_todo) {
      return without_todo.error();
    }
    const auto without_intd = remove_numbered(intd);
    if (!without_intd) {
      return without_intd.error();
    }
    if (*without_todo && *without_intd) {
      return sync_both(todo, intd);
    }
  }
  return temporary("messages came into queue/todo faster than they could be moved");
}

Result<void> divide_todo(const std::string& home, const TodoLayout& layout) {
  const std::string todo = queue_path(home, "todo");
  const std::string intd = queue_path(home, "intd");
  for (std::uint64_t number = 0; number < layout.split; ++number) {
    const std::string name = base::decimal(number);
    if (auto made = make_numbered(below(todo, name), layout.todo); !made) {
      return made;
    }
    if (auto made = make_numbered(below(intd, name), layout.intd); !made) {
      return made;
    }
  }
  for (const std::string* folder : {&intd, &todo}) {
    if (auto moved = lower(*folder, layout.split); !moved) {
      return moved;
    }
  }
  return sync_both(todo, intd);
}

}  // namespace reqmail::upgrade
