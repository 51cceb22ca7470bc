#include "survey/host_tools.h"

#include <unistd.h>

#include <string_view>

#include "base/text.h"
#include "survey/child_output.h"
#include "sys/file.h"
#include "sys/process.h"

namespace reqmail::survey {

namespace {

// The directories of the supervisors' tools, which may not be in PATH.
constexpr std::string_view kToolFolders[] = {"/command", "/usr/local/bin", "/usr/bin", "/bin"};

// Returns the path of the tool; empty if it does not exist.
std::string tool(const std::string& name) {
  if (sys::is_program_in_path(name)) {
    return name;
  }
  for (const std::string_view folder : kToolFolders) {
    std::string path = base::concat({folder, "/", name});
    if (::access(path.c_str(), X_OK) == 0) {
      return path;
    }
  }
  return "";
}

}  // namespace

std::optional<std::string> run_tool(const std::vector<std::string>& arguments) {
  const std::string program = tool(arguments.front());
  return program.empty() ? std::nullopt : child_output(program, arguments);
}

}  // namespace reqmail::survey
