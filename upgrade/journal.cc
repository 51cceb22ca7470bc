#include "upgrade/journal.h"

#include <cerrno>

#include "base/text.h"
#include "sys/file.h"
#include "sys/lock.h"
#include "sys/stream.h"

namespace reqmail::upgrade {

namespace {

constexpr std::size_t kLargestJournal = std::size_t{4} << 20;

}  // namespace

Result<Journal> Journal::open(const std::string& home) {
  Journal journal;
  journal.directory_ = home + "/upgrade";
  if (auto made = make_directories(journal.directory_, 0700); !made) {
    return made.error();
  }
  auto lock = sys::open_append(journal.directory_ + "/lock", 0600);
  if (!lock) {
    return lock.error();
  }
  if (auto locked = sys::try_lock_exclusive(lock->get()); !locked) {
    return locked.error().error == EWOULDBLOCK
               ? temporary("another qmail-upgrade is at work", EWOULDBLOCK)
               : locked.error();
  }
  journal.lock_ = std::move(*lock);
  if (auto read = journal.read(); !read) {
    return read.error();
  }
  return journal;
}

Result<void> Journal::read() {
  const std::string path = directory_ + "/journal";
  record_ = Record{};
  const auto text = sys::read_file(path, kLargestJournal);
  if (!text) {
    return text.error().error == ENOENT ? Result<void>() : text.error();
  }
  auto record = parse_journal(*text);
  if (!record) {
    return temporary(base::concat({path, ": ", record.error().text}));
  }
  record_ = std::move(*record);
  return {};
}

Result<void> Journal::begin(Record record) {
  record.previous = record_.time;
  const auto text = journal_text(record);
  if (!text) {
    return text.error();
  }
  const std::string path = directory_ + "/journal";
  if (record_.step != Step::none) {
    const std::string older = base::concat({path, ".", record_.time});
    if (auto kept = keep_file(path, older); !kept) {
      return kept;
    }
  }
  if (auto written = sys::replace_file(path, *text, 0600); !written) {
    return written;
  }
  record_ = std::move(record);
  record_.step = Step::keep;
  return {};
}

Result<void> Journal::append(const std::string& line) {
  const std::string path = directory_ + "/journal";
  const auto file = sys::open_read_write(path);
  if (!file) {
    return file.error();
  }
  // A line that was incomplete when a run was killed is removed.
  const auto text = sys::read_all(file->get(), kLargestJournal);
  if (!text) {
    return text.error();
  }
  const std::size_t end = text->rfind('\n') == std::string::npos ? 0 : text->rfind('\n') + 1;
  if (end != text->size()) {
    return sys::replace_file(path, text->substr(0, end) + line, 0600);
  }
  if (auto written = sys::write_all(file->get(), line); !written) {
    return written;
  }
  return sys::sync(file->get());
}

Result<void> Journal::step(Step step, std::optional<ProcessMark> leaving) {
  if (auto written = append(step_line(step, leaving)); !written) {
    return written;
  }
  record_.step = step;
  if (leaving) {
    record_.leaving = leaving;
  }
  return {};
}

Result<void> Journal::service(const survey::Service& service) {
  if (!is_plain(place_of(service))) {
    return permanent("the service's name holds a tab or a line feed");
  }
  if (auto written = append(service_line(service)); !written) {
    return written;
  }
  record_.service = service;
  return {};
}

Result<void> Journal::forget() {
  const std::string path = directory_ + "/journal";
  const std::string older = base::concat({path, ".", record_.previous});
  if (record_.previous.empty() || !survey::is_there(older)) {
    if (auto gone = remove_if_there(path); !gone) {
      return gone;
    }
  } else if (auto back = sys::rename_file(older, path); !back) {
    return back;
  }
  if (auto synced = sys::sync_directory(directory_); !synced) {
    return synced;
  }
  return read();
}

}  // namespace reqmail::upgrade
