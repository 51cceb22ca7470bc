#include "local/new_message.h"

#include <sys/stat.h>
#include <unistd.h>

#include <climits>
#include <utility>

#include "base/text.h"
#include "local/maildir_writer.h"
#include "sys/clock.h"
#include "sys/file.h"
#include "sys/stream.h"

namespace reqmail::local {

namespace {

constexpr mode_t kMessageMode = 0644;
constexpr std::size_t kWriteBuffer = (std::size_t{64} << 10) + 4096;
constexpr int kNameTries = 3;
constexpr unsigned kNameWaitSeconds = 2;

Failure trouble(int error) {
  return temporary("Temporary error on maildir delivery. (#4.3.0)", error);
}

std::string host_name() {
  char name[HOST_NAME_MAX + 1] = {};
  // A name cut short still tells hosts apart.
  (void)::gethostname(name, sizeof name - 1);
  return name;
}

}  // namespace

NewMessage::~NewMessage() {
  if (!path_.empty()) {
    (void)::unlink(path_.c_str());
  }
  if (deadline_ != nullptr) {
    deadline_->remove_at_end(nullptr);
  }
}

void NewMessage::set_path(std::string path) {
  // The deadline must not have a path that is being changed.
  std::string old = std::exchange(path_, std::move(path));
  if (deadline_ != nullptr) {
    deadline_->remove_at_end(path_.empty() ? nullptr : path_.c_str());
  }
}

Result<void> NewMessage::create() {
  const std::string host = host_name();
  for (int left = kNameTries;; --left) {
    name_ = maildir_name(sys::now(), ::getpid(), sequence_, host);
    std::string path = base::concat({maildir_, "tmp/", name_});
    auto file = sys::create_exclusive(path, kMessageMode);
    if (file) {
      file_ = *std::move(file);
      set_path(std::move(path));
      return {};
    }
    if (file.error().error != EEXIST || left == 1) {
      return trouble(file.error().error);
    }
    // Another second gives another name.
    (void)::sleep(kNameWaitSeconds);
  }
}

Result<void> NewMessage::write(const TraceLines& trace, MessageFile& message) {
  sys::Writer writer(file_.get(), kWriteBuffer);
  auto written = writer.put(base::concat({trace.return_path, trace.delivered_to}));
  while (written) {
    const auto piece = message.next();
    if (!piece) {
      return temporary("Unable to read message. (#4.3.0)", piece.error().error);
    }
    if (piece->empty()) {
      break;
    }
    written = writer.put(*piece);
  }
  if (written) {
    written = writer.flush();
  }
  if (!written) {
    return trouble(written.error().error);
  }
  return {};
}

Result<void> NewMessage::sync() {
  if (const auto synced = sys::sync(file_.get()); !synced) {
    return trouble(synced.error().error);
  }
  return {};
}

// A message that has the name already (the clock was set back) must stay.
Result<void> NewMessage::move() {
  std::string name = base::concat({maildir_, "new/", name_});
  if (const auto moved = sys::rename_to_new(path_, name); !moved) {
    return trouble(moved.error().error);
  }
  set_path(std::move(name));
  return {};
}

void NewMessage::keep() {
  set_path({});
}

Result<void> check_maildir(const std::string& maildir) {
  if (const auto status = sys::status(maildir + "."); !status) {
    return temporary("Unable to chdir to maildir. (#4.2.1)", status.error().error);
  }
  return {};
}

Result<sys::Fd> open_new(const std::string& maildir) {
  auto directory = sys::open_directory(maildir + "new");
  if (!directory && directory.error().error != EACCES) {
    return trouble(directory.error().error);
  }
  return std::move(directory).value_or(sys::Fd());
}

Result<void> sync_new(const sys::Fd& directory, int file) {
  const auto synced =
      directory.valid() ? sys::sync_directory(directory.get()) : sys::sync_file_system(file);
  if (!synced) {
    return trouble(synced.error().error);
  }
  return {};
}

}  // namespace reqmail::local
