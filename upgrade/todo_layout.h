// queue/todo and queue/intd of a qmail with the big-todo patch: todo/S/N and intd/S/N, S being
// N modulo the split. Nothing else of ours reads them, so apply moves the messages, and
// rollback moves them back.
//
// Messages go by rename(2), intd/N before todo/N: at any time each is in one place, whole. The
// caller holds lock/sendmutex, so that no qmail-send looks on.
//
// An envelope in intd without its link in todo is one that a qmail-queue still writes, or the
// rest of one that gave up or died. On the way back it stays where it is for as long as its
// program may run. Where its directory goes, or where it has the number of a message, the rest
// goes to queue/pid, whose old files qmail-clean removes.
#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "upgrade/journal.h"

namespace reqmail::upgrade {

// How the directories are, where todo is divided. A Failure: there is something in them that is
// no message, so that they could not be emptied; nothing has been changed.
Result<std::optional<TodoLayout>> find_todo_layout(const std::string& home);

// Everything one level up, then the numbered directories go: with them goes the way by which a
// program of the old qmail could still add a message (its link(2) fails then, and it says so to
// its caller). Can be called again.
Result<void> flatten_todo(const std::string& home);

// Makes the directories again; what lies in todo stays. Can be called again.
Result<void> make_todo_directories(const std::string& home, const TodoLayout& layout);

// Which files of intd may be moved.
enum class Moved {
  messages,    // those of messages: programs of the new qmail may still write the others
  everything,  // all: no program of the new qmail runs any more
};

// Moves down what lies in todo and intd. Can be called again, and is to be while a program of
// the new qmail may still add a message.
Result<void> divide_todo(const std::string& home, const TodoLayout& layout, Moved moved);

}  // namespace reqmail::upgrade
