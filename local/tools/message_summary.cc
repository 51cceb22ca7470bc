#include "local/tools/message_summary.h"

#include <cerrno>
#include <string_view>

#include "base/ascii.h"
#include "base/terminal_text.h"
#include "base/text.h"
#include "local/tools/message_parts.h"
#include "local/tools/summary_text.h"
#include "mail/header_field.h"
#include "sys/file.h"

namespace reqmail::local {

namespace {

// This fits into two lines of a terminal.
constexpr std::size_t kTextLimit = 158;

std::string_view without_line_feed(std::string_view text) {
  text.remove_suffix(text.ends_with('\n') ? 1 : 0);
  return text;
}

struct Summary {
  std::string sender = "?";
  std::string recipient = "?";
  std::string from;
  SummaryText text = SummaryText(kTextLimit);

  void add_field(std::string_view field) {
    text.add_field(field);
    const auto parts = mail::split_field(field);
    if (!parts) {
      return;
    }
    if (base::equal_ci(parts->name, "return-path")) {
      sender = base::terminal_safe(without_line_feed(value_of(field)), '?');
    } else if (base::equal_ci(parts->name, "delivered-to")) {
      recipient = base::terminal_safe(without_line_feed(value_of(field)), '?');
    } else if (base::equal_ci(parts->name, "from")) {
      from = base::terminal_safe(without_line_feed(field), '/');
    }
  }
};

}  // namespace

Result<std::string> message_summary(const std::string& path) {
  const auto file = sys::open_read(path);
  if (!file) {
    if (file.error().error == ENOENT) {
      return std::string();
    }
    return file.error();
  }
  Summary summary;
  const auto read =
      read_parts(file->get(),
                 {[&summary](std::string_view field) {
                    summary.add_field(field);
                    return Result<void>();
                  },
                  [&summary](std::string_view piece) { return summary.text.add_body(piece); }});
  if (!read) {
    return read.error();
  }
  std::string shown =
      base::concat({"FROM ", summary.sender, " TO <", summary.recipient, ">\n"});
  if (!summary.from.empty()) {
    shown += base::concat({"\x1b[1m", summary.from, "\x1b[0m\n"});
  }
  return base::concat({shown, summary.text.text(), "\n\n"});
}

}  // namespace reqmail::local
