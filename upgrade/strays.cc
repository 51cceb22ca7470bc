#include "upgrade/strays.h"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <map>
#include <string_view>
#include <vector>

#include "base/number.h"
#include "base/text.h"
#include "survey/own_processes.h"
#include "survey/process_list.h"
#include "sys/clock.h"
#include "upgrade/program_table.h"

namespace reqmail::upgrade {

namespace {

using std::chrono::milliseconds;

// The programs that qmail-start runs besides qmail-send.
constexpr std::array<std::string_view, 4> kMembers = {"qmail-todo", "qmail-clean",
                                                      "qmail-lspawn", "qmail-rspawn"};
constexpr std::array<std::string_view, 2> kHeads = {"qmail-send", "qmail-start"};
// The number of ancestors that are examined; wrappers are not nested deeper.
constexpr int kAncestors = 8;
constexpr milliseconds kLook{20};
// The time for a spawner without qmail-send to finish its deliveries.
constexpr milliseconds kDeliveryPatience{10000};
// The time after which KILL follows TERM. This is safe, since these programs can be interrupted
// at any point. A supervisor starts the next set after a second.
constexpr milliseconds kTermPatience{200};
constexpr milliseconds kLimit{30000};

// Finds a process by its name, which a script keeps, or by its program file.
template <typename Names>
bool runs_one_of(const survey::Process& process, const Names& names) {
  if (is_one_of(names, process.name)) {
    return true;
  }
  const std::string path = survey::program_link(survey::proc_path(process.pid, "exe"));
  return is_one_of(names, std::string_view(path).substr(path.rfind('/') + 1));
}

bool has_head(const survey::Process& process) {
  auto above = survey::read_process(process.parent);
  for (int count = 0; count < kAncestors && above; ++count) {
    if (runs_one_of(*above, kHeads)) {
      return true;
    }
    above = survey::read_process(above->parent);
  }
  return false;
}

bool has_children(const std::vector<survey::Process>& all, pid_t pid) {
  return std::any_of(all.begin(), all.end(),
                     [&](const survey::Process& process) { return process.parent == pid; });
}

class StrayDaemons {
 public:
  StrayDaemons(const std::string& home, Progress& say) : own_(home), say_(say) {
    if (const auto self = survey::read_process(::getpid())) {
      begin_ = self->start;
    }
  }

  // Returns whether none was left.
  bool look() {
    const std::vector<survey::Process> all = survey::all_processes();
    last_ = nullptr;
    for (const survey::Process& process : all) {
      if (runs_one_of(process, kMembers) && !has_head(process) && own_.has(process)) {
        press(process, has_children(all, process.pid));
      }
    }
    return last_ == nullptr;
  }

  [[nodiscard]] std::string last() const { return last_ == nullptr ? "" : *last_; }

 private:
  struct Seen {
    std::uint64_t start = 0;
    milliseconds since{};
    milliseconds told{};  // 0: it was not told to end
    std::string text;
  };

  void press(const survey::Process& process, bool delivers) {
    const auto now = sys::monotonic();
    Seen& seen = seen_[process.pid];
    if (seen.start != process.start) {
      seen = {process.start, now, milliseconds{0},
              base::concat({process.name, " (process ",
                            base::decimal(static_cast<std::uint64_t>(process.pid)), ")"})};
    }
    last_ = &seen.text;
    if (seen.told == milliseconds{0}) {
      if (!delivers || now > seen.since + kDeliveryPatience) {
        // Younger processes come from a supervisor that tries again.
        if (process.start <= begin_) {
          say_({seen.text, " has lost its qmail-send and is ended"});
        }
        (void)::kill(process.pid, SIGTERM);
        seen.told = now;
      }
    } else if (now > seen.told + kTermPatience) {
      (void)::kill(process.pid, SIGKILL);
    }
  }

  const survey::OwnProcesses own_;
  Progress& say_;
  std::map<pid_t, Seen> seen_;
  // The time at which this program started.
  std::uint64_t begin_ = 0;
  const std::string* last_ = nullptr;
};

}  // namespace

Result<void> end_strays(const std::string& home, Progress& say) {
  StrayDaemons strays(home, say);
  const auto limit = sys::monotonic() + kLimit;
  while (!strays.look()) {
    if (sys::monotonic() > limit) {
      return temporary(
          base::concat({strays.last(), ", left by another qmail-send, does not end"}));
    }
    sys::pause_for(kLook);
  }
  return {};
}

}  // namespace reqmail::upgrade
