#include "local/maildir_writer.h"

#include <unistd.h>

#include <cstdint>

#include "base/number.h"
#include "base/text.h"
#include "local/new_message.h"
#include "sys/deadline.h"
#include "sys/exits.h"
#include "sys/file.h"

namespace reqmail::local {

namespace {

// Returns the host in a form that may be part of a file name in a maildir.
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
  if (auto there = check_maildir(path); !there) {
    return there;
  }
  sys::Deadline deadline(
      base::Seconds(kMaildirSeconds),
      {sys::kExitTemporary, STDERR_FILENO, "Timeout on maildir delivery. (#4.3.0)\n"});
  NewMessage file(path, sequence, &deadline);
  auto done = file.create();
  if (done) {
    done = file.write(trace, message);
  }
  if (done) {
    done = file.sync();
  }
  if (!done) {
    return done;
  }
  const auto directory = open_new(path);
  if (!directory) {
    return directory.error();
  }
  done = file.move();
  if (done) {
    done = sync_new(*directory, file.fd());
  }
  if (done) {
    file.keep();
  }
  return done;
}

}  // namespace reqmail::local
