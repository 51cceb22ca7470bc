#include "survey/own_processes.h"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "base/text.h"
#include "survey/paths.h"
#include "sys/directory.h"
#include "sys/file.h"
#include "sys/identity.h"

namespace reqmail::survey {

namespace {

constexpr std::array<std::string_view, 2> kQueuePlaces = {"/queue", "/queue/mess"};
constexpr std::array<std::string_view, 2> kKeptSets = {"bin.old.", "bin.new."};

std::string last_name(std::string_view path) {
  return std::string(path.substr(path.rfind('/') + 1));
}

bool is_trusted(pid_t pid) {
  const auto uid = uid_of(pid);
  return uid && (*uid == 0 || sys::account_of(*uid));
}

// Returns the second word of a command line, which is the script if the first one is an
// interpreter.
std::string script_of(pid_t pid) {
  const auto text = sys::read_file(proc_path(pid, "cmdline"), kLargestProcFile);
  const auto words = text ? base::split(*text, '\0') : std::vector<std::string_view>();
  return words.size() > 1 ? std::string(words[1]) : std::string();
}

}  // namespace

OwnProcesses::OwnProcesses(const std::string& home)
    : home_(home),
      bin_(real_path(home + "/bin").value_or(home + "/bin")),
      folders_{home + "/bin"} {
  const auto names = sys::list_directory(home);
  for (const std::string& name : names ? *names : std::vector<std::string>()) {
    if (std::any_of(kKeptSets.begin(), kKeptSets.end(),
                    [&](std::string_view set) { return name.starts_with(set); })) {
      folders_.push_back(base::concat({home, "/", name}));
    }
  }
}

bool OwnProcesses::is_own_file(const std::string& path, const std::string& name,
                               std::size_t first) const {
  const auto begin = folders_.begin() + static_cast<std::ptrdiff_t>(first);
  return !name.empty() && std::any_of(begin, folders_.end(), [&](const std::string& folder) {
    return same_place(path, base::concat({folder, "/", name}));
  });
}

bool OwnProcesses::runs_own_program(const Process& process) const {
  const std::string program = proc_path(process.pid, "exe");
  const std::string path = program_link(program);
  if (is_own_file(program, last_name(path)) || is_own_file(program, process.name)) {
    return true;
  }
  const auto file = sys::status(program);
  if (file && file->st_nlink == 0 && path == base::concat({bin_, "/", last_name(path)})) {
    return true;
  }
  if (!is_trusted(process.pid)) {
    return false;
  }
  const std::string script = script_of(process.pid);
  return script.starts_with('/') && is_own_file(script, last_name(script));
}

bool OwnProcesses::runs_replaced_program(const Process& process) const {
  const std::string program = proc_path(process.pid, "exe");
  const auto file = sys::status(program);
  if (!file || same_place(program, base::concat({folders_[0], "/", process.name}))) {
    return false;
  }
  const std::string script = script_of(process.pid);
  return file->st_nlink == 0 || is_own_file(program, process.name, 1) ||
         (script.starts_with('/') && is_own_file(script, process.name, 1) &&
          !same_place(script, base::concat({folders_[0], "/", process.name})));
}

bool OwnProcesses::has(const Process& process) const {
  const std::string cwd = proc_path(process.pid, "cwd");
  for (const std::string_view place : kQueuePlaces) {
    if (same_place(cwd, base::concat({home_, place}))) {
      return is_trusted(process.pid) || runs_own_program(process);
    }
    if (program_link(cwd).ends_with(place)) {
      return false;
    }
  }
  return runs_own_program(process);
}

}  // namespace reqmail::survey
