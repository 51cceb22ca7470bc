// Which child serves which session. Root's processes cannot be limited, so each test is done by
// a process that is nobody, which returns the number of the first step that went wrong.
#include "judge/session_children.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "sys/child.h"
#include "sys/descriptor_io.h"

namespace reqmail::judge {
namespace {

int as_nobody(const std::function<int()>& steps) {
  const pid_t process = ::fork();
  if (process == 0) {
    constexpr uid_t kNobody = 65534;
    const bool is_nobody = ::geteuid() != 0 || ::setuid(kNobody) == 0;
    ::_exit(is_nobody ? steps() : 100);
  }
  int status = -1;
  (void)::waitpid(process, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -status;
}

// Says which process it is, and stays until the session is over, which fails if it said
// anything.
Result<void> say_pid(int connection) {
  const std::string pid = std::to_string(::getpid());
  if (auto said = sys::write_all(connection, pid); !said) {
    return said;
  }
  char byte = 0;
  const auto count = sys::read_some(connection, &byte, 1);
  return count && *count == 0 ? Result<void>() : Result<void>(permanent("nonsense"));
}

class Sessions {
 public:
  // Returns the session's end, and sets `pid` to the process that serves it.
  sys::Fd begin(const std::string& client, std::string& pid) {
    auto ends = sys::make_socket_pair();
    children.serve({std::move(ends->other), client});
    char room[16];
    const auto count = sys::read_some(ends->one.get(), room, sizeof room);
    pid.assign(room, count ? *count : 0);
    return std::move(ends->one);
  }

  // Returns whether a child waits after a session of this client, and sets `pid` to it.
  bool leave_one(const std::string& client, std::string& pid) {
    begin(client, pid).close();
    return !pid.empty() && wait(1);
  }

  // Looks after the children until so many have ended, or for a tenth of a second.
  bool ends(unsigned wanted) {
    for (int turn = 0; turn < kTurns; ++turn) {
      sys::Poller poller;
      children.watch(poller);
      (void)poller.wait(std::chrono::milliseconds(1));
      children.attend(poller);
      while (const auto ended = sys::reap()) {
        children.ended(ended->pid);
        ++ended_;
      }
      if (wanted > 0 && ended_ == wanted) {
        return true;
      }
    }
    return ended_ == wanted;
  }

  // Waits until this many wait for a session.
  bool wait(std::size_t count) {
    for (int turn = 0; turn < 100 * kTurns; ++turn) {
      (void)ends(0);
      if (children.patience().has_value() == (count > 0)) {
        return true;
      }
    }
    return false;
  }

  SessionChildren children{say_pid};

 private:
  static constexpr int kTurns = 100;
  unsigned ended_ = 0;
};

TEST(SessionChildren, OneServesTheNextSessionOfItsClientOnly) {
  EXPECT_EQ(as_nobody([] {
              Sessions sessions;
              std::string first;
              std::string next;
              if (!sessions.leave_one("192.0.2.1", first)) {
                return 1;
              }
              const auto other = sessions.begin("192.0.2.2", next);
              if (next.empty() || next == first) {
                return 2;
              }
              const auto again = sessions.begin("192.0.2.1", next);
              if (next != first) {
                return 3;
              }
              // It is busy now.
              const auto third = sessions.begin("192.0.2.1", next);
              return next.empty() || next == first ? 4 : 0;
            }),
            0);
}

TEST(SessionChildren, OneWithoutAClientServesNoOther) {
  EXPECT_EQ(as_nobody([] {
              Sessions sessions;
              std::string pid;
              sessions.begin("", pid).close();
              return sessions.ends(1) && sessions.children.count() == 0 ? 0 : 1;
            }),
            0);
}

TEST(SessionChildren, OneThatFailsServesNoOther) {
  EXPECT_EQ(as_nobody([] {
              Sessions sessions;
              std::string pid;
              const auto session = sessions.begin("192.0.2.1", pid);
              if (!sys::write_all(session.get(), "x")) {
                return 2;
              }
              return sessions.ends(1) && sessions.children.count() == 0 ? 0 : 1;
            }),
            0);
}

TEST(SessionChildren, NoneWaitsAtTheEnd) {
  EXPECT_EQ(as_nobody([] {
              Sessions sessions;
              std::string pid;
              if (!sessions.leave_one("192.0.2.1", pid)) {
                return 1;
              }
              auto session = sessions.begin("192.0.2.2", pid);
              sessions.children.finish();
              if (!sessions.ends(1)) {
                return 2;
              }
              session.close();
              return sessions.ends(2) && sessions.children.count() == 0 ? 0 : 3;
            }),
            0);
}

TEST(SessionChildren, NotMoreWaitThanMay) {
  EXPECT_EQ(as_nobody([] {
              Sessions sessions;
              std::vector<sys::Fd> open;
              std::string pid;
              for (std::size_t count = 0; count < kWaitingChildren + 2; ++count) {
                open.push_back(sessions.begin("192.0.2." + std::to_string(count), pid));
              }
              open.clear();
              return sessions.ends(2) && sessions.children.count() == kWaitingChildren ? 0 : 1;
            }),
            0);
}

TEST(SessionChildren, ThoseThatWaitAreNotBusy) {
  EXPECT_EQ(as_nobody([] {
              Sessions sessions;
              std::string pid;
              if (!sessions.leave_one("192.0.2.1", pid)) {
                return 1;
              }
              const auto other = sessions.begin("192.0.2.2", pid);
              return sessions.children.count() == 2 && sessions.children.busy() == 1 ? 0 : 2;
            }),
            0);
}

TEST(SessionChildren, OneThatHasEndedMeanwhileIsNotMissed) {
  EXPECT_EQ(as_nobody([] {
              Sessions sessions;
              std::string first;
              std::string next;
              if (!sessions.leave_one("192.0.2.1", first)) {
                return 1;
              }
              (void)::kill(std::stoi(first), SIGKILL);
              if (!sessions.ends(1)) {
                return 2;
              }
              const auto session = sessions.begin("192.0.2.1", next);
              return next.empty() || next == first ? 3 : 0;
            }),
            0);
}

}  // namespace
}  // namespace reqmail::judge
