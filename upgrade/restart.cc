#include "upgrade/restart.h"

#include <cerrno>
#include <chrono>

#include "base/number.h"
#include "base/text.h"
#include "survey/own_processes.h"
#include "survey/paths.h"
#include "survey/process_list.h"
#include "survey/running.h"
#include "sys/clock.h"
#include "sys/held_directory.h"
#include "sys/lock.h"
#include "upgrade/service_control.h"

namespace reqmail::upgrade {

namespace {

using std::chrono::milliseconds;

// This is shorter than the time that any supervisor needs to start qmail-send again.
constexpr milliseconds kLockLook{1};
constexpr milliseconds kLook{20};
constexpr milliseconds kTellEvery{10000};
// After this time a supervisor that restarts by itself has done so. systemd is asked at once,
// since the unit decides whether and when it restarts.
constexpr milliseconds kByItself{3000};
constexpr milliseconds kStartLimit{20000};
// A process that holds the lock for this long, while there is no qmail-send, will not end soon.
// (A qmail-queue with the descriptor of a qmail-send that died only has a bounce to queue.)
constexpr milliseconds kStrangerPatience{10000};
// A qmail-send that cannot start ends within this time.
constexpr milliseconds kSettled{300};
// The number of old sets that may be starting when the programs change.
constexpr int kOthers = 5;

std::string number(pid_t pid) {
  return base::decimal(static_cast<std::uint64_t>(pid));
}

// Prints from time to time what is waited for.
class WaitNotice {
 public:
  explicit WaitNotice(Progress& say) : say_(say) {}

  void tell(pid_t pid) {
    if (sys::monotonic() < next_) {
      return;
    }
    next_ = sys::monotonic() + kTellEvery;
    say_({"waiting until qmail-send (process ", number(pid), ") has finished its deliveries"});
  }

 private:
  Progress& say_;
  milliseconds next_ = sys::monotonic() + kLook;
};

bool still_runs(const std::string& home, const ProcessMark& mark) {
  const auto send = survey::find_send(home);
  return send && is_marked(*send, mark);
}

// Returns whether a qmail-send belongs to the other set. A supervisor may have started it
// before the programs changed, and it does not wait for the lock.
bool is_of_other_set(const std::string& home, const survey::RunningSend& send,
                     WantedSet wanted) {
  const auto process = survey::read_process(send.pid);
  if (!process) {
    return false;
  }
  if (wanted == WantedSet::ours) {
    return !survey::same_place(survey::proc_path(send.pid, "exe"), home + "/bin/qmail-send");
  }
  return survey::OwnProcesses(home).runs_replaced_program(*process);
}

// Ends the marked qmail-send and any that belongs to another set than the wanted one.
void end_others(const std::string& home, const std::optional<ProcessMark>& leaving,
                WantedSet wanted, Progress& say) {
  std::optional<ProcessMark> asked;
  WaitNotice notice(say);
  for (;;) {
    const auto send = survey::find_send(home);
    if (!send ||
        !((leaving && is_marked(*send, *leaving)) || is_of_other_set(home, *send, wanted))) {
      return;
    }
    if (!asked || !is_marked(*send, *asked)) {
      ask_to_end(*send);
      asked = mark_of(*send);
    }
    notice.tell(send->pid);
    sys::pause_for(kLook);
  }
}

// Returns whether the same qmail-send of the wanted set runs now and a moment later.
bool is_settled(const std::string& home, WantedSet wanted) {
  const auto send = survey::find_send(home);
  if (!send) {
    return false;
  }
  sys::pause_for(kSettled);
  return still_runs(home, mark_of(*send)) && !is_of_other_set(home, *send, wanted);
}

}  // namespace

Result<sys::Fd> hold_queue(const std::string& home, Progress& say) {
  const std::string path = home + "/queue/lock/sendmutex";
  const auto place = sys::held_place(path);
  auto mutex = place ? place->directory.open_file(place->name) : place.error();
  if (!mutex) {
    return temporary(base::concat({"the lock ", path, ": ", mutex.error().text}));
  }
  std::optional<ProcessMark> asked;
  milliseconds asked_at{0};
  WaitNotice notice(say);
  milliseconds next_search = sys::monotonic();
  milliseconds seen = next_search;
  for (;;) {
    const auto locked = sys::try_lock_exclusive(mutex->get());
    if (locked) {
      return mutex;
    }
    if (locked.error().error != EWOULDBLOCK) {
      return locked.error();
    }
    // Searching for the process takes longer than trying the lock.
    if (sys::monotonic() >= next_search) {
      next_search = sys::monotonic() + kLook;
      const auto send = survey::find_send(home);
      if (send && (!asked || !is_marked(*send, *asked))) {
        ask_to_end(*send);
        asked = mark_of(*send);
        asked_at = sys::monotonic();
      }
      if (send) {
        notice.tell(send->pid);
      }
      // A qmail-send that finds the lock taken ends sooner.
      if (send && sys::monotonic() > asked_at + kSettled) {
        seen = sys::monotonic();
      } else if (sys::monotonic() > seen + kStrangerPatience) {
        return temporary(
            base::concat({path, " is held by a process that is no qmail-send of this host"}));
      }
    }
    sys::pause_for(kLockLook);
  }
}

Result<void> restart_send(const std::string& home, const survey::Service& service,
                          const std::optional<ProcessMark>& leaving, WantedSet wanted,
                          Progress& say) {
  end_others(home, leaving, wanted, say);
  auto begin = sys::monotonic();
  const bool asked_at_once = service.supervisor == survey::Supervisor::none ||
                             service.supervisor == survey::Supervisor::systemd;
  const milliseconds grace = asked_at_once ? kLook : kByItself;
  bool helped = false;
  int others = 0;
  while (sys::monotonic() < begin + kStartLimit) {
    if (is_settled(home, wanted)) {
      return {};
    }
    if (const auto send = survey::find_send(home);
        send && is_of_other_set(home, *send, wanted)) {
      if (++others > kOthers) {
        return temporary(base::concat(
            {"a qmail-send that is not ", home, "/bin/qmail-send is started again and again"}));
      }
      end_others(home, std::nullopt, wanted, say);
      begin = sys::monotonic();
    }
    if (!helped && sys::monotonic() > begin + grace) {
      helped = true;
      if (auto started = start_service(home, service); !started) {
        return started;
      }
    }
    sys::pause_for(kLook);
  }
  return temporary("qmail-send does not stay up: its log says why");
}

}  // namespace reqmail::upgrade
