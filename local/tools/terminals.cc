#include "local/tools/terminals.h"

#include <sys/stat.h>
#include <unistd.h>
#include <utmpx.h>

#include <cstring>

#include "sys/fd.h"
#include "sys/file.h"
#include "sys/terminal.h"

namespace reqmail::local {

namespace {

constexpr std::size_t kUtmpLimit = std::size_t{64} << 20;
constexpr const char* kUtmpFiles[] = {"/run/utmp", "/var/run/utmp"};

// Returns the text in a field of utmp, which has a NUL at its end only if it is shorter than
// the field.
template <std::size_t size>
std::string_view field_text(const char (&field)[size]) {
  return std::string_view(field, ::strnlen(field, size));
}

void tell(const std::string& line, std::string_view text) {
  const std::string path = "/dev/" + line;
  const auto terminal = sys::open_terminal_line(path);
  if (!terminal) {
    return;
  }
  const auto status = sys::status(terminal->get());
  if (status && (status->st_mode & S_IXUSR) != 0 && status->st_uid == ::getuid()) {
    (void)!::write(terminal->get(), text.data(), text.size());
  }
}

}  // namespace

std::vector<std::string> terminal_lines(std::string_view utmp, std::string_view user) {
  std::vector<std::string> lines;
  while (utmp.size() >= sizeof(utmpx)) {
    utmpx entry = {};
    std::memcpy(&entry, utmp.data(), sizeof entry);
    utmp.remove_prefix(sizeof entry);
    const std::string_view line = field_text(entry.ut_line);
    if (entry.ut_type == USER_PROCESS && field_text(entry.ut_user) == user && !line.empty() &&
        line.front() != '/' && line.find('.') == std::string_view::npos) {
      lines.emplace_back(line);
    }
  }
  return lines;
}

void tell_terminals(std::string_view user, std::string_view text) {
  for (const char* file : kUtmpFiles) {
    const auto utmp = sys::read_file(file, kUtmpLimit);
    if (!utmp) {
      continue;
    }
    for (const std::string& line : terminal_lines(*utmp, user)) {
      tell(line, text);
    }
    return;
  }
}

}  // namespace reqmail::local
