// queue/todo and queue/intd of a qmail with the big-todo patch: todo/S/N and intd/S/N, S being
// N modulo the split. No other program of ours reads this layout, so apply moves the messages,
// and rollback moves them back.
//
// Messages are moved by rename(2), intd/N before todo/N, so that each is complete in one place
// at any time. The caller must hold lock/sendmutex, so that no qmail-send runs.
//
// An envelope in intd without a link in todo is still being written by a qmail-queue, or is the
// rest of one that gave up or died. rollback leaves it in its place for as long as its program
// may run. If its directory is removed, or if it has the number of a message, the rest is moved
// to queue/pid, whose old files qmail-clean removes.
#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "upgrade/journal.h"

namespace reqmail::upgrade {

// Returns the layout of the directories if todo is divided. It is a Failure, and nothing has
// been changed, if they contain something that is not a message, so that they could not be
// emptied.
Result<std::optional<TodoLayout>> find_todo_layout(const std::string& home);

// Moves everything one level up and removes the numbered directories. After that a program of
// the old qmail can no longer add a message: its link(2) fails, and it reports that to its
// caller. It can be called again.
Result<void> flatten_todo(const std::string& home);

// Makes the directories again without moving the messages in todo. It can be called again.
Result<void> make_todo_directories(const std::string& home, const TodoLayout& layout);

// Which files of intd may be moved.
enum class Moved {
  messages,    // those of messages: programs of the new qmail may still write to the others
  everything,  // all of them: no program of the new qmail runs any more
};

// Moves the messages in todo and intd down. It can be called again, which is necessary while a
// program of the new qmail may still add a message.
Result<void> divide_todo(const std::string& home, const TodoLayout& layout, Moved moved);

}  // namespace reqmail::upgrade
