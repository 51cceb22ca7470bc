#include "local/maildir_reader.h"

#include <unistd.h>

#include <algorithm>
#include <tuple>

#include "base/text.h"
#include "sys/directory.h"
#include "sys/error.h"
#include "sys/file.h"

namespace reqmail::local {

namespace {

Result<void> scan(const std::string& part, base::Time now, std::vector<MaildirEntry>& entries) {
  auto names = sys::list_directory(part);
  if (!names) {
    return temporary(base::concat({"unable to scan $MAILDIR/", part, ": ",
                                   sys::error_text(names.error().error)}),
                     names.error().error);
  }
  for (const std::string& name : *names) {
    if (name.starts_with('.')) {
      continue;
    }
    MaildirEntry entry{base::concat({part, "/", name}), {}, 0};
    const auto status = sys::status(entry.path);
    if (status && base::from_epoch(status->st_mtime) < now) {
      entry.modified = base::from_epoch(status->st_mtime);
      entry.size = static_cast<std::uint64_t>(status->st_size);
      entries.push_back(std::move(entry));
    }
  }
  return {};
}

}  // namespace

Result<std::vector<MaildirEntry>> scan_maildir(MaildirParts parts, base::Time now) {
  std::vector<MaildirEntry> entries;
  if (auto scanned = scan("new", now, entries); !scanned) {
    return scanned.error();
  }
  if (parts == MaildirParts::new_and_cur) {
    if (auto scanned = scan("cur", now, entries); !scanned) {
      return scanned.error();
    }
  }
  // If the times are equal, messages in new/ come first.
  std::sort(entries.begin(), entries.end(), [](const MaildirEntry& a, const MaildirEntry& b) {
    const bool a_is_seen = a.path.starts_with("cur/");
    const bool b_is_seen = b.path.starts_with("cur/");
    return std::tie(a.modified, a_is_seen, a.path) < std::tie(b.modified, b_is_seen, b.path);
  });
  return entries;
}

void clean_maildir_tmp(base::Time now) {
  auto names = sys::list_directory("tmp");
  if (!names) {
    return;
  }
  for (const std::string& name : *names) {
    const std::string path = "tmp/" + name;
    const auto status = sys::status(path);
    if (!name.starts_with('.') && status &&
        base::from_epoch(status->st_atime) + kMaildirTmpAge < now) {
      (void)::unlink(path.c_str());
    }
  }
}

}  // namespace reqmail::local
