#include "control/check.h"

#include "base/number.h"
#include "base/text.h"
#include "control/known.h"
#include "control/reader.h"
#include "mail/idna.h"
#include "sys/error.h"

namespace reqmail::control {

namespace {

using Messages = std::vector<std::string>;

std::string path_of(const KnownFile& file) {
  return base::concat({"control/", file.name});
}

std::string unreadable(const std::string& path, const Failure& failure) {
  return base::concat({path, ": cannot be read: ", sys::error_text(failure.error)});
}

void check_form(const KnownFile& file, const std::vector<std::string>& lines,
                const std::vector<LineCheck>& checks, Messages& messages) {
  for (const LineCheck& check : checks) {
    if (check.file.row().name != file.name || lines.empty()) {
      continue;
    }
    for (const base::BadLine& bad : check.find(lines)) {
      messages.push_back(base::bad_line_message(path_of(file), bad));
    }
  }
}

void check_line(const KnownFile& file, const std::vector<LineCheck>& checks,
                Messages& messages) {
  const std::string path = path_of(file);
  const auto line = read_line(path);
  if (!line) {
    messages.push_back(unreadable(path, line.error()));
  } else if (file.kind == Kind::number && *line && !(*line)->empty() &&
             !base::leading_number(**line)) {
    messages.push_back(base::bad_line_message(path, {**line, "no number"}));
  } else if (file.name == known_file("smtputf8").name && *line &&
             base::leading_number(**line).value_or(0) > 0 && !mail::can_convert_u_labels()) {
    messages.push_back(base::bad_line_message(path, {**line, "this build has no libidn2"}));
  } else if (file.kind != Kind::number && *line) {
    check_form(file, {**line}, checks, messages);
  }
}

void check_list(const KnownFile& file, const std::vector<LineCheck>& checks,
                Messages& messages) {
  const std::string path = path_of(file);
  const auto lines = read_lines(path);
  if (!lines) {
    messages.push_back(unreadable(path, lines.error()));
    return;
  }
  if (*lines) {
    check_form(file, **lines, checks, messages);
  }
}

}  // namespace

std::vector<std::string> check_control_files(const std::vector<LineCheck>& checks) {
  Messages messages;
  for (const KnownFile& file : kKnownFiles) {
    switch (file.kind) {
    case Kind::line:
    case Kind::word:
    case Kind::number:
      check_line(file, checks, messages);
      break;
    case Kind::list:
      check_list(file, checks, messages);
      break;
    case Kind::table:
    case Kind::hidden:
      break;
    }
  }
  return messages;
}

}  // namespace reqmail::control
