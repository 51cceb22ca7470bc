#include "local/tools/maildir_to_mbox.h"

#include <stdio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/text.h"
#include "local/message_file.h"
#include "mail/date822.h"
#include "mail/mbox_text.h"
#include "sys/error.h"
#include "sys/fd.h"
#include "sys/file.h"
#include "sys/lock.h"
#include "sys/stream.h"

namespace reqmail::local {

namespace {

constexpr mode_t kMboxMode = 0600;
constexpr std::size_t kBuffer = std::size_t{64} << 10;

Failure unable(std::string_view what, std::string_view name, int error) {
  return temporary(base::concat({"unable to ", what, " ", name, ": ", sys::error_text(error)}),
                   error);
}

// The new mbox while it is being written.
class NewMbox {
 public:
  NewMbox(sys::Fd file, const std::string& path)
      : file_(std::move(file)), writer_(file_.get(), kBuffer), path_(path) {}

  Result<void> copy_old(const std::string& mbox) {
    const auto old = sys::open_read(mbox);
    if (!old) {
      return unable("read", mbox, old.error().error);
    }
    MessageFile content(old->get());
    for (;;) {
      const auto piece = content.next();
      if (!piece) {
        return unable("read", mbox, piece.error().error);
      }
      if (piece->empty()) {
        return {};
      }
      if (auto written = put(*piece); !written) {
        return written;
      }
    }
  }

  Result<void> append(const MaildirEntry& entry) {
    const std::string name = "$MAILDIR/" + entry.path;
    const auto file = sys::open_read(entry.path);
    if (!file) {
      return unable("read", name, file.error().error);
    }
    MessageFile message(file->get());
    mail::MboxText text;
    std::string quoted;
    for (bool first = true;; first = false) {
      const auto piece = message.next();
      if (!piece) {
        return unable("read", name, piece.error().error);
      }
      quoted = first ? from_line_of(*piece, entry.modified) : std::string();
      if (piece->empty()) {
        text.finish(quoted);
        return put(quoted);
      }
      text.add(*piece, quoted);
      if (auto written = put(quoted); !written) {
        return written;
      }
    }
  }

  Result<void> sync() {
    auto done = writer_.flush();
    if (done) {
      done = sys::sync(file_.get());
    }
    return done ? done : unable("write to", path_, done.error().error);
  }

 private:
  Result<void> put(std::string_view bytes) {
    if (auto written = writer_.put(bytes); !written) {
      return unable("write to", path_, written.error().error);
    }
    return {};
  }

  sys::Fd file_;
  sys::Writer writer_;
  const std::string& path_;
};

std::vector<std::string> remove_messages(const std::vector<MaildirEntry>& messages) {
  std::vector<std::string> left;
  for (const MaildirEntry& entry : messages) {
    if (::unlink(entry.path.c_str()) != 0) {
      left.push_back(base::concat(
          {"$MAILDIR/", entry.path,
           " will be delivered twice; unable to unlink: ", sys::error_text(errno)}));
    }
  }
  return left;
}

}  // namespace

std::string from_line_of(std::string_view start, base::Time modified) {
  constexpr std::string_view kReturnPath = "Return-Path: <";
  std::string sender = "XXX";
  const std::string_view line = start.substr(0, start.find('\n'));
  if (line.starts_with(kReturnPath)) {
    const std::size_t end = line.rfind('>');
    sender = line.substr(kReturnPath.size(),
                         end == std::string_view::npos ? end : end - kReturnPath.size());
    std::replace_if(
        sender.begin(), sender.end(), [](char c) { return c == ' ' || c == '\t'; }, '-');
    if (sender.empty()) {
      sender = "MAILER-DAEMON";
    }
  }
  return base::concat({"From ", sender, " ", mail::mbox_date(modified), "\n"});
}

Result<std::vector<std::string>> move_to_mbox(const std::vector<MaildirEntry>& messages,
                                              const std::string& mbox,
                                              const std::string& temporary_path) {
  const auto lock = sys::open_append(mbox, kMboxMode);
  if (!lock) {
    return unable("lock", mbox, lock.error().error);
  }
  if (const auto locked = sys::lock_exclusive(lock->get()); !locked) {
    return unable("lock", mbox, locked.error().error);
  }
  auto file = sys::open_truncated(temporary_path, kMboxMode);
  if (!file) {
    return unable("create", temporary_path, file.error().error);
  }
  NewMbox written(*std::move(file), temporary_path);
  if (auto copied = written.copy_old(mbox); !copied) {
    return copied.error();
  }
  for (const MaildirEntry& entry : messages) {
    if (auto appended = written.append(entry); !appended) {
      return appended.error();
    }
  }
  if (auto synced = written.sync(); !synced) {
    return synced.error();
  }
  if (::rename(temporary_path.c_str(), mbox.c_str()) != 0) {
    return unable("move", base::concat({temporary_path, " to ", mbox}), errno);
  }
  if (const auto synced = sys::sync_directory(sys::directory_of(mbox)); !synced) {
    return unable("write to", mbox, synced.error().error);
  }
  return remove_messages(messages);
}

}  // namespace reqmail::local
