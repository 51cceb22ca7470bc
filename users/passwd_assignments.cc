#include "users/passwd_assignments.h"

#include <cerrno>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "control/reader.h"
#include "sys/fd.h"
#include "sys/file.h"
#include "sys/stream.h"

namespace reqmail::users {

namespace {

constexpr std::size_t kLineMax = std::size_t{1} << 20;

Failure unreadable_input() {
  return temporary("unable to read input");
}

Failure unreadable_controls() {
  return temporary("unable to read controls");
}

Result<void> put(sys::Writer& output, std::string_view text) {
  if (!output.put(text)) {
    return temporary("unable to write output");
  }
  return {};
}

Result<void> read_lists(PasswdRules& rules) {
  auto include = control::read_lines("users/include");
  auto exclude = control::read_lines("users/exclude");
  auto mail_names = control::read_lines("users/mailnames");
  if (!include || !exclude || !mail_names) {
    return unreadable_controls();
  }
  if (*include) {
    rules.include = base::ConstMap::of_keys(**include);
  }
  if (*exclude) {
    rules.exclude = base::ConstMap::of_keys(**exclude);
  }
  if (*mail_names) {
    rules.mail_names = base::ConstMap::of_pairs(**mail_names);
  }
  return {};
}

Result<std::optional<uid_t>> owner(const std::string& path) {
  auto info = sys::status(path);
  if (info) {
    return std::optional<uid_t>(info->st_uid);
  }
  if (info.error().error != ENOENT) {
    return info.error();
  }
  return std::optional<uid_t>();
}

// Writes the result of `use` for each line; the last line needs no line end.
Result<void> for_each_line(int fd, sys::Writer& output,
                           const std::function<Result<std::string>(const std::string&)>& use) {
  sys::Reader input(fd);
  std::string line;
  for (;;) {
    line.clear();
    auto end = input.get_line(line, kLineMax);
    if (!end || *end == sys::LineEnd::too_long) {
      return unreadable_input();
    }
    auto text = use(line);
    if (!text) {
      return text.error();
    }
    if (auto written = put(output, *text); !written) {
      return written;
    }
    if (*end == sys::LineEnd::end_of_file) {
      return {};
    }
  }
}

// Opens a file that may be missing.
Result<std::optional<sys::Fd>> open_list(const char* path) {
  auto file = sys::open_read(path);
  if (file) {
    return std::optional<sys::Fd>(std::move(*file));
  }
  if (file.error().error != ENOENT) {
    return unreadable_controls();
  }
  return std::optional<sys::Fd>();
}

Result<void> copy(int fd, sys::Writer& output) {
  sys::Reader input(fd);
  for (;;) {
    auto bytes = input.peek();
    if (!bytes) {
      return unreadable_input();
    }
    if (bytes->empty()) {
      return {};
    }
    if (auto written = put(output, *bytes); !written) {
      return written;
    }
    input.consume(bytes->size());
  }
}

Result<void> add_subusers(const AssignmentsFromPasswd& assignments, sys::Writer& output) {
  auto file = open_list("users/subusers");
  if (!file) {
    return file.error();
  }
  if (!*file) {
    return {};
  }
  return for_each_line((*file)->get(), output, [&assignments](const std::string& line) {
    return assignments.subuser(line);
  });
}

Result<void> append_rest(sys::Writer& output) {
  auto file = open_list("users/append");
  if (!file) {
    return file.error();
  }
  if (*file) {
    if (auto copied = copy((*file)->get(), output); !copied) {
      return copied;
    }
  }
  return put(output, ".\n");
}

}  // namespace

Result<void> write_passwd_assignments(PasswdRules rules, int input, int output) {
  if (auto read = read_lists(rules); !read) {
    return read;
  }
  AssignmentsFromPasswd assignments(std::move(rules), owner);
  sys::Writer writer(output);
  if (auto done = for_each_line(
          input, writer,
          [&assignments](const std::string& line) { return assignments.account(line); });
      !done) {
    return done;
  }
  if (!assignments.has_alias()) {
    return permanent("unable to find alias user");
  }
  if (auto done = add_subusers(assignments, writer); !done) {
    return done;
  }
  if (auto done = append_rest(writer); !done) {
    return done;
  }
  if (!writer.flush()) {
    return temporary("unable to write output");
  }
  return {};
}

}  // namespace reqmail::users
