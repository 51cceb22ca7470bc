#include "local/maildir_writer.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstdio>
#include <string_view>

#include "base/number.h"
#include "base/text.h"
#include "sys/clock.h"
#include "sys/deadline.h"
#include "sys/exits.h"
#include "sys/fd.h"
#include "sys/file.h"
#include "sys/stream.h"

namespace reqmail::local {

namespace {

constexpr mode_t kMessageMode = 0644;
constexpr std::size_t kWriteBuffer = (std::size_t{64} << 10) + 4096;
constexpr int kNameTries = 3;
constexpr unsigned kNameWaitSeconds = 2;

Failure trouble(int error = 0) {
  return temporary("Temporary error on maildir delivery. (#4.3.0)", error);
}

std::string host_name() {
  char name[HOST_NAME_MAX + 1] = {};
  // A name cut short still tells hosts apart.
  (void)::gethostname(name, sizeof name - 1);
  return name;
}

// A message on its way: its file in tmp/ goes when this object goes, unless it was moved.
class NewMessage {
 public:
  NewMessage(const std::string& maildir, unsigned sequence, sys::Deadline& deadline)
      : maildir_(maildir), sequence_(sequence), deadline_(deadline) {}

  NewMessage(const NewMessage&) = delete;
  NewMessage& operator=(const NewMessage&) = delete;
  NewMessage(NewMessage&&) = delete;
  NewMessage& operator=(NewMessage&&) = delete;

  ~NewMessage() {
    if (!path_.empty()) {
      (void)::unlink(path_.c_str());
    }
    deadline_.remove_at_end(nullptr);
  }

  Result<void> create() {
    for (int left = kNameTries;; --left) {
      name_ = maildir_name(sys::now(), ::getpid(), sequence_, host_);
      std::string path = base::concat({maildir_, "tmp/", name_});
      auto file = sys::create_exclusive(path, kMessageMode);
      if (file) {
        file_ = *std::move(file);
        path_ = std::move(path);
        deadline_.remove_at_end(path_.c_str());
        return {};
      }
      if (file.error().error != EEXIST || left == 1) {
        return trouble(file.error().error);
      }
      // Another second gives another name.
      (void)::sleep(kNameWaitSeconds);
    }
  }

  Result<void> write(const TraceLines& trace, MessageFile& message) {
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
    if (written) {
      written = sys::sync(file_.get());
    }
    return written ? written : trouble(written.error().error);
  }

  Result<void> move_to_new() {
    const std::string directory_path = maildir_ + "new";
    const auto directory = sys::open_directory(directory_path);
    if (!directory && directory.error().error != EACCES) {
      return trouble(directory.error().error);
    }
    // Linked, not renamed: a message that has the name (the clock was set back) must stay.
    const std::string name = base::concat({directory_path, "/", name_});
    if (::link(path_.c_str(), name.c_str()) != 0) {
      return trouble(errno);
    }
    (void)::unlink(path_.c_str());
    path_ = name;
    deadline_.remove_at_end(path_.c_str());
    // A directory that may be written but not read can't be synced by itself.
    const auto synced =
        directory ? sys::sync_directory(directory->get()) : sys::sync_file_system(file_.get());
    if (!synced) {
      return trouble(synced.error().error);
    }
    deadline_.remove_at_end(nullptr);
    path_.clear();
    return {};
  }

 private:
  const std::string& maildir_;
  unsigned sequence_;
  sys::Deadline& deadline_;
  std::string host_ = host_name();
  std::string name_;
  sys::Fd file_;
  std::string path_;
};

// What stands between a text and its use in a file name of a maildir.
std::string safe_host(const std::string& host) {
  std::string safe;
  for (const char c : host) {
    if (c == '/') {
      safe += "\\057";
    } else if (c == ':') {
      safe += "\\072";
    } else {
      safe.push_back(c);
    }
  }
  return safe;
}

}  // namespace

std::string maildir_name(base::Time now, pid_t process, unsigned sequence,
                         const std::string& host) {
  std::string name =
      base::concat({base::decimal(static_cast<std::uint64_t>(base::to_epoch(now))), ".",
                    base::decimal(static_cast<std::uint64_t>(process))});
  if (sequence > 1) {
    name += "_" + base::decimal(sequence);
  }
  return base::concat({name, ".", safe_host(host)});
}

Result<void> deliver_to_maildir(const std::string& path, unsigned sequence,
                                const TraceLines& trace, MessageFile& message) {
  if (auto rewound = message.rewind(); !rewound) {
    return rewound;
  }
  // Whether it is a directory that may be searched.
  if (const auto status = sys::status(path + "."); !status) {
    return temporary("Unable to chdir to maildir. (#4.2.1)", status.error().error);
  }
  sys::Deadline deadline(
      base::Seconds(kMaildirSeconds),
      {sys::kExitTemporary, STDERR_FILENO, "Timeout on maildir delivery. (#4.3.0)\n"});
  NewMessage file(path, sequence, deadline);
  if (auto created = file.create(); !created) {
    return created;
  }
  if (auto written = file.write(trace, message); !written) {
    return written;
  }
  return file.move_to_new();
}

}  // namespace reqmail::local
