#include "upgrade/todo_layout.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <utility>
#include <vector>

#include "base/number.h"
#include "base/text.h"
#include "mail/message_id.h"
#include "sys/held_directory.h"
#include "upgrade/disk.h"

namespace reqmail::upgrade {

namespace {

using sys::HeldDirectory;

// How often a directory is emptied again because a message came before it could be removed.
constexpr int kEmptyings = 1000;

bool is_one_inode(const struct ::stat& one, const struct ::stat& other) {
  return one.st_dev == other.st_dev && one.st_ino == other.st_ino;
}

sys::Ownership ownership_of(const Access& access) {
  return {access.uid, access.gid, access.mode};
}

// Returns the entries that are directories with a number as name.
Result<std::vector<std::string>> numbered_directories(const HeldDirectory& folder) {
  auto names = folder.names();
  if (!names) {
    return names;
  }
  std::erase_if(*names, [&](const std::string& name) {
    const auto status = base::parse_u64(name)
                            ? folder.status(name)
                            : Result<std::optional<struct ::stat>>(std::nullopt);
    return !status || !*status || !S_ISDIR((*status)->st_mode);
  });
  return names;
}

// Returns the messages of todo or intd that are in no numbered directory.
Result<std::vector<std::string>> flat_messages(const HeldDirectory& folder) {
  auto names = folder.names();
  if (!names) {
    return names;
  }
  std::erase_if(*names, [&](const std::string& name) {
    const auto status = mail::MessageId::parse(name)
                            ? folder.status(name)
                            : Result<std::optional<struct ::stat>>(std::nullopt);
    return !status || !*status || S_ISDIR((*status)->st_mode);
  });
  return names;
}

// The two directories, and the one to which rests of envelopes are moved.
class Layout {
 public:
  static Result<Layout> open(const std::string& home) {
    auto queue = HeldDirectory::open(home + "/queue");
    if (!queue) {
      return queue.error();
    }
    auto todo = queue->enter("todo");
    if (!todo) {
      return todo.error();
    }
    auto intd = queue->enter("intd");
    if (!intd) {
      return intd.error();
    }
    return Layout(std::move(*queue), std::move(*todo), std::move(*intd));
  }

  [[nodiscard]] const HeldDirectory& todo() const { return todo_; }

  [[nodiscard]] const HeldDirectory& intd() const { return intd_; }

  // Moves all messages of the numbered directories one level up, then the rests of envelopes.
  Result<void> raise();
  // Removes the numbered directories; returns false if one was not empty.
  Result<bool> remove_numbered();
  // Moves messages into numbered directories.
  Result<void> lower(std::uint64_t split, Moved moved);

  Result<void> sync() {
    if (auto synced = todo_.sync(); !synced) {
      return synced;
    }
    return intd_.sync();
  }

 private:
  Layout(HeldDirectory queue, HeldDirectory todo, HeldDirectory intd)
      : queue_(std::move(queue)), todo_(std::move(todo)), intd_(std::move(intd)) {}

  // Returns whether todo has that file, flat or in the numbered directory.
  bool is_message(const std::string& number, const std::string& name,
                  const struct ::stat& status) const;
  Result<void> set_aside(const HeldDirectory& folder, const std::string& name);
  Result<void> set_aside_rest(const HeldDirectory& folder, const std::string& number,
                              const std::string& name);
  Result<void> move(const HeldDirectory& from, const HeldDirectory& to,
                    const std::string& number, const std::string& name);
  Result<void> lower_one(const HeldDirectory& folder, std::uint64_t split,
                         const std::string& name);

  HeldDirectory queue_;
  HeldDirectory todo_;
  HeldDirectory intd_;
};

bool Layout::is_message(const std::string& number, const std::string& name,
                        const struct ::stat& status) const {
  const auto flat = todo_.status(name);
  if (flat && *flat && is_one_inode(**flat, status)) {
    return true;
  }
  const auto folder = todo_.enter(number);
  const auto divided =
      folder ? folder->status(name) : Result<std::optional<struct ::stat>>(std::nullopt);
  return divided && *divided && is_one_inode(**divided, status);
}

Result<void> Layout::set_aside(const HeldDirectory& folder, const std::string& name) {
  const auto status = folder.status(name);
  const auto pid = queue_.enter("pid");
  if (!status || !*status || !pid) {
    return pid ? Result<void>() : pid.error();
  }
  const std::string inode = base::decimal(static_cast<std::uint64_t>((*status)->st_ino));
  return folder.rename(name, *pid, base::concat({"intd.", name, ".", inode}));
}

// Moves an envelope that todo does not have to queue/pid. The link(2) of the program that wrote
// it will fail, and the program will then remove another name: one level up, the rest would
// block every later message with this number.
Result<void> Layout::set_aside_rest(const HeldDirectory& folder, const std::string& number,
                                    const std::string& name) {
  const auto status = folder.status(name);
  if (!status) {
    return status.error();
  }
  // If it has become a message since the messages were moved, the next round moves it.
  if (!*status || is_message(number, name, **status)) {
    return {};
  }
  return set_aside(folder, name);
}

// Moves one name. Both names may already belong to the file, and a message is never
// overwritten.
Result<void> Layout::move(const HeldDirectory& from, const HeldDirectory& to,
                          const std::string& number, const std::string& name) {
  const auto source = from.status(name);
  const auto target = to.status(name);
  if (!source || !target) {
    return source ? target.error() : source.error();
  }
  if (!*source) {
    // Its program has given up, or it was moved before.
    return {};
  }
  if (*target) {
    if (is_one_inode(**source, **target)) {
      return from.remove_file(name);
    }
    if (!is_message(number, name, **source)) {
      return set_aside(from, name);
    }
    if (is_message(number, name, **target)) {
      return temporary(base::concat({"queue/todo has two messages with the number ", name}));
    }
    if (auto aside = set_aside(to, name); !aside) {
      return aside;
    }
  }
  auto moved = from.rename(name, to, name);
  return !moved && moved.error().error == ENOENT ? Result<void>() : moved;
}

Result<void> Layout::raise() {
  // intd comes first, since a message whose intd file has moved can no longer be linked into
  // todo.
  for (const bool rests : {false, true}) {
    const auto numbers = numbered_directories(rests ? intd_ : todo_);
    if (!numbers) {
      return numbers.error();
    }
    for (const std::string& number : *numbers) {
      const auto todo = todo_.enter(number);
      const auto intd = intd_.enter(number);
      const auto names = (rests ? intd : todo)->names();
      if (!names) {
        return names.error();
      }
      for (const std::string& name : *names) {
        if (intd) {
          auto moved =
              rests ? set_aside_rest(*intd, number, name) : move(*intd, intd_, number, name);
          if (!moved) {
            return moved;
          }
        }
        if (!rests) {
          if (auto moved = move(*todo, todo_, number, name); !moved) {
            return moved;
          }
        }
      }
    }
  }
  return {};
}

Result<bool> Layout::remove_numbered() {
  bool all = true;
  for (const HeldDirectory* folder : {&todo_, &intd_}) {
    const auto numbers = numbered_directories(*folder);
    if (!numbers) {
      return numbers.error();
    }
    for (const std::string& number : *numbers) {
      if (auto gone = folder->remove_directory(number); !gone) {
        if (gone.error().error != ENOTEMPTY && gone.error().error != EEXIST) {
          return gone.error();
        }
        all = false;
      }
    }
  }
  return all;
}

Result<void> Layout::lower_one(const HeldDirectory& folder, std::uint64_t split,
                               const std::string& name) {
  const auto id = mail::MessageId::parse(name);
  const std::string number = base::decimal(id ? id->number() % split : 0);
  const auto below = folder.enter(number);
  if (!below) {
    return below.error();
  }
  return move(folder, *below, number, name);
}

Result<void> Layout::lower(std::uint64_t split, Moved moved) {
  const auto messages = flat_messages(todo_);
  if (!messages) {
    return messages.error();
  }
  for (const std::string& name : *messages) {
    for (const HeldDirectory* folder : {&intd_, &todo_}) {
      if (auto done = lower_one(*folder, split, name); !done) {
        return done;
      }
    }
  }
  if (moved == Moved::messages) {
    return {};
  }
  const auto rests = flat_messages(intd_);
  if (!rests) {
    return rests.error();
  }
  for (const std::string& name : *rests) {
    if (auto done = lower_one(intd_, split, name); !done) {
      return done;
    }
  }
  return {};
}

// Returns the access of the numbered directories; nullopt if there are none. `count` becomes
// one more than the highest number.
Result<std::optional<Access>> examine(const std::string& path, const HeldDirectory& folder,
                                      std::uint64_t& count) {
  const auto numbers = numbered_directories(folder);
  if (!numbers) {
    return numbers.error();
  }
  std::optional<Access> access;
  for (const std::string& number : *numbers) {
    const auto below = folder.enter(number);
    const auto status = below ? below->status() : below.error();
    const auto names = below ? below->names() : below.error();
    if (!status || !names) {
      return status ? names.error() : status.error();
    }
    for (const std::string& name : *names) {
      const auto entry = below->status(name);
      if (!mail::MessageId::parse(name) || (entry && *entry && S_ISDIR((*entry)->st_mode))) {
        return permanent(
            base::concat({path, "/", number, "/", name, " is no message: move it away first"}));
      }
    }
    access = access_of(*status);
    count = std::max(count, base::parse_u64(number).value_or(0) + 1);
  }
  return access;
}

// Makes a numbered directory; one that a killed run has made may have no owner yet.
Result<void> make_numbered(const HeldDirectory& folder, const std::string& name,
                           const Access& access) {
  const auto status = folder.status(name);
  if (!status) {
    return status.error();
  }
  if (!*status) {
    return folder.make_directory(name, ownership_of(access));
  }
  if (!S_ISDIR((*status)->st_mode)) {
    return temporary(
        base::concat({"a message with the number ", name, " is in the way of a directory"}));
  }
  const auto set = folder.set_ownership(name, ownership_of(access));
  return set ? Result<void>() : set.error();
}

}  // namespace

Result<std::optional<TodoLayout>> find_todo_layout(const std::string& home) {
  const auto queue = Layout::open(home);
  if (!queue) {
    return queue.error();
  }
  TodoLayout layout;
  const auto todo = examine(home + "/queue/todo", queue->todo(), layout.split);
  if (!todo) {
    return todo.error();
  }
  const auto intd = examine(home + "/queue/intd", queue->intd(), layout.split);
  if (!intd) {
    return intd.error();
  }
  if (!*todo && !*intd) {
    return std::optional<TodoLayout>();
  }
  // In a home that was repaired by hand only one of them may be divided.
  layout.todo = *todo ? **todo : **intd;
  layout.intd = *intd ? **intd : **todo;
  return std::optional<TodoLayout>(layout);
}

Result<void> flatten_todo(const std::string& home) {
  auto queue = Layout::open(home);
  if (!queue) {
    return queue.error();
  }
  for (int count = 0; count < kEmptyings; ++count) {
    if (auto moved = queue->raise(); !moved) {
      return moved;
    }
    if (auto synced = queue->sync(); !synced) {
      return synced;
    }
    const auto all = queue->remove_numbered();
    if (!all) {
      return all.error();
    }
    if (*all) {
      return queue->sync();
    }
  }
  return temporary("messages came into queue/todo faster than they could be moved");
}

Result<void> make_todo_directories(const std::string& home, const TodoLayout& layout) {
  auto queue = Layout::open(home);
  if (!queue) {
    return queue.error();
  }
  for (std::uint64_t number = 0; number < layout.split; ++number) {
    const std::string name = base::decimal(number);
    if (auto made = make_numbered(queue->todo(), name, layout.todo); !made) {
      return made;
    }
    if (auto made = make_numbered(queue->intd(), name, layout.intd); !made) {
      return made;
    }
  }
  return queue->sync();
}

Result<void> divide_todo(const std::string& home, const TodoLayout& layout, Moved moved) {
  auto queue = Layout::open(home);
  if (!queue) {
    return queue.error();
  }
  if (auto done = queue->lower(layout.split, moved); !done) {
    return done;
  }
  return queue->sync();
}

}  // namespace reqmail::upgrade
