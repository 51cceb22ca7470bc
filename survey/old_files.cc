#include "survey/old_files.h"

#include <algorithm>
#include <cerrno>

#include "base/ascii.h"
#include "base/number.h"
#include "base/text.h"
#include "sys/directory.h"
#include "sys/error.h"
#include "sys/file.h"
#include "sys/stream.h"

namespace reqmail::survey {

namespace {

Failure refusal(int error) {
  return temporary(std::string(sys::error_text(error)), error);
}

Failure too_large(std::size_t limit) {
  return permanent(base::concat({"is larger than ", base::decimal(limit), " bytes"}), EMSGSIZE);
}

}  // namespace

std::string_view type_name(mode_t mode) {
  switch (mode & S_IFMT) {
  case S_IFREG:
    return "file";
  case S_IFDIR:
    return "directory";
  case S_IFLNK:
    return "symbolic link";
  case S_IFIFO:
    return "FIFO";
  case S_IFSOCK:
    return "socket";
  default:
    return "device";
  }
}

Result<std::optional<struct ::stat>> look(const std::string& path) {
  const auto found = sys::status(path);
  if (found) {
    return std::optional<struct ::stat>(*found);
  }
  const int error = found.error().error;
  if (error == ENOENT && !sys::link_status(path)) {
    return std::optional<struct ::stat>();
  }
  if (error == ENOENT) {
    return permanent("is a symbolic link to nothing", error);
  }
  if (error == ELOOP) {
    return permanent("is a symbolic link to itself", error);
  }
  return refusal(error);
}

Result<std::optional<std::string>> read_plain(const std::string& path, std::size_t limit) {
  const auto status = look(path);
  if (!status) {
    return status.error();
  }
  if (!*status) {
    return std::optional<std::string>();
  }
  if (!S_ISREG((*status)->st_mode)) {
    return permanent(base::concat({"is a ", type_name((*status)->st_mode)}));
  }
  if ((*status)->st_size > static_cast<off_t>(limit)) {
    return too_large(limit);
  }
  const auto file = sys::open_read_quietly(path);
  if (!file) {
    return refusal(file.error().error);
  }
  // The name may belong to another file by now.
  const auto opened = sys::status(file->get());
  if (!opened || !S_ISREG(opened->st_mode)) {
    return permanent("changed while it was looked at");
  }
  auto text = sys::read_all(file->get(), limit);
  if (!text) {
    return text.error().error == EMSGSIZE ? too_large(limit) : refusal(text.error().error);
  }
  return std::optional<std::string>(std::move(*text));
}

Result<std::vector<Entry>> list_entries(const std::string& path) {
  auto directory = sys::Directory::open(path);
  if (!directory) {
    if (directory.error().error == ENOENT) {
      return std::vector<Entry>();
    }
    return refusal(directory.error().error);
  }
  std::vector<Entry> entries;
  for (;;) {
    auto name = directory->next();
    if (!name) {
      return refusal(name.error().error);
    }
    if (!*name) {
      break;
    }
    if (entries.size() == kNamesLimit) {
      return permanent(base::concat({"has more than ", base::decimal(kNamesLimit), " names"}));
    }
    const auto status = sys::link_status(base::concat({path, "/", **name}));
    if (status) {
      entries.push_back({std::move(**name), *status});
    }
  }
  std::sort(entries.begin(), entries.end(),
            [](const Entry& a, const Entry& b) { return a.name < b.name; });
  return entries;
}

std::vector<std::string> control_lines(std::string_view text) {
  std::vector<std::string> lines;
  for (const std::string_view line : base::lines(text)) {
    const std::string_view trimmed = base::trim_end(line);
    if (!trimmed.empty() && trimmed[0] != '#') {
      lines.emplace_back(trimmed);
    }
  }
  return lines;
}

}  // namespace reqmail::survey
