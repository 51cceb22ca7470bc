#include "survey/process_list.h"

#include <limits.h>
#include <unistd.h>

#include <algorithm>

#include "base/number.h"
#include "base/text.h"
#include "survey/paths.h"
#include "sys/directory.h"
#include "sys/file.h"

namespace reqmail::survey {

namespace {

constexpr std::string_view kDeleted = " (deleted)";

}  // namespace

std::string proc_path(pid_t pid, std::string_view file) {
  return base::concat({"/proc/", base::decimal(static_cast<std::uint64_t>(pid)), "/", file});
}

std::string program_link(const std::string& path) {
  std::string target(PATH_MAX, '\0');
  const ssize_t length = ::readlink(path.c_str(), target.data(), target.size());
  target.resize(length > 0 ? static_cast<std::size_t>(length) : 0);
  if (target.ends_with(kDeleted)) {
    target.resize(target.size() - kDeleted.size());
  }
  return target;
}

// The line "Uid:" has four ids: real, effective, saved, and that for the file system.
std::optional<uid_t> uid_of(pid_t pid) {
  const auto text = sys::read_file(proc_path(pid, "status"), kLargestProcFile);
  if (!text) {
    return std::nullopt;
  }
  for (const std::string_view line : base::lines(*text)) {
    const auto fields = base::split(line, '\t');
    if (fields[0] != "Uid:" || fields.size() != 5) {
      continue;
    }
    const auto uid = base::parse_u64(fields[1]);
    const bool one = std::all_of(fields.begin() + 2, fields.end(),
                                 [&](std::string_view field) { return field == fields[1]; });
    return uid && one ? std::optional(static_cast<uid_t>(*uid)) : std::nullopt;
  }
  return std::nullopt;
}

std::optional<std::string> start_variable(pid_t pid, std::string_view name) {
  const auto text = sys::read_file(proc_path(pid, "environ"), kLargestProcFile);
  if (!text) {
    return std::nullopt;
  }
  const std::string begin = base::concat({name, "="});
  for (const std::string_view variable : base::split(*text, '\0')) {
    if (variable.substr(0, begin.size()) == begin) {
      return std::string(variable.substr(begin.size()));
    }
  }
  return std::nullopt;
}

// The line is "PID (NAME) STATE PARENT ..."; the start time is field 22. A name may contain any
// bytes.
std::optional<Process> read_process(pid_t pid) {
  const auto text = sys::read_file(proc_path(pid, "stat"), kLargestProcFile);
  if (!text) {
    return std::nullopt;
  }
  const std::size_t open = text->find('(');
  const std::size_t close = text->rfind(')');
  if (open == std::string::npos || close == std::string::npos || close + 2 > text->size()) {
    return std::nullopt;
  }
  const auto fields = base::split(std::string_view(*text).substr(close + 2), ' ');
  if (fields.size() < 20 || fields[0] == "Z" || fields[0] == "X") {
    return std::nullopt;
  }
  Process process;
  process.pid = pid;
  process.parent = static_cast<pid_t>(base::parse_u64(fields[1]).value_or(0));
  process.start = base::parse_u64(fields[19]).value_or(0);
  process.name = text->substr(open + 1, close - open - 1);
  return process;
}

std::vector<Process> all_processes() {
  std::vector<Process> found;
  const auto names = sys::list_directory("/proc");
  if (!names) {
    return found;
  }
  for (const std::string& entry : *names) {
    const auto number = base::parse_u64(entry);
    auto process = number ? read_process(static_cast<pid_t>(*number)) : std::nullopt;
    if (process) {
      found.push_back(std::move(*process));
    }
  }
  return found;
}

std::vector<Process> processes_in(const std::string& folder) {
  std::vector<Process> found = all_processes();
  std::erase_if(found, [&](const Process& process) {
    return !same_place(proc_path(process.pid, "cwd"), folder);
  });
  return found;
}

}  // namespace reqmail::survey
