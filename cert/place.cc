#include "cert/place.h"

#include <cerrno>
#include <cstdint>

#include "base/ascii.h"
#include "base/number.h"
#include "base/text.h"
#include "cert/names.h"
#include "control/reader.h"
#include "sys/error.h"
#include "sys/file.h"
#include "sys/identity.h"
#include "sys/lock.h"
#include "sys/owned_file.h"

namespace reqmail::cert {

namespace {

constexpr mode_t kSecretMode = 0640;
constexpr mode_t kDirectoryMode = 0755;
constexpr std::int64_t kDay = 86400;
// The number of runs in the same second; more than this must be an endless loop.
constexpr unsigned kOldNamesMax = 100;

std::string two(int number) {
  return base::decimal_padded(static_cast<std::uint64_t>(number), 2);
}

std::string stamp(base::Time time) {
  const base::CivilTime civil = base::civil_time(time);
  return base::concat({base::decimal(static_cast<std::uint64_t>(civil.year)), two(civil.month),
                       two(civil.day), "-", two(civil.hour), two(civil.minute),
                       two(civil.second)});
}

Result<sys::Ownership> ownership_for(const std::string& path) {
  const auto qmaild = sys::account_uid(sys::Account::qmaild);
  const auto qmail = sys::group_gid(sys::Group::qmail);
  const auto nofiles = sys::group_gid(sys::Group::nofiles);
  if (!qmaild || !qmail || !nofiles) {
    return temporary("qmail's accounts are missing");
  }
  const auto found = sys::status(path);
  if (found && found->st_uid == 0 && found->st_gid == *nofiles) {
    return sys::Ownership{0, *nofiles, kSecretMode};
  }
  return sys::Ownership{*qmaild, *qmail, kSecretMode};
}

Result<std::optional<std::string>> keep_old(const std::string& path, base::Time now) {
  const auto found = sys::link_status(path);
  if (!found) {
    return found.error().error == ENOENT ? Result<std::optional<std::string>>(std::nullopt)
                                         : found.error();
  }
  const std::string name = base::concat({path, kOldMark, stamp(now)});
  for (unsigned count = 0; count < kOldNamesMax; ++count) {
    std::string taken = count == 0 ? name : base::concat({name, "-", base::decimal(count)});
    auto linked = sys::link_file(path, taken);
    if (linked) {
      return std::optional(std::move(taken));
    }
    if (linked.error().error != EEXIST) {
      return linked.error();
    }
  }
  return temporary(base::concat({"unable to keep the old ", path}));
}

Result<void> make_directories(const std::string& path) {
  if (path == kServerFile) {
    return {};
  }
  const auto qmail = sys::group_gid(sys::Group::qmail);
  const sys::Ownership ownership{0, qmail.value_or(0), kDirectoryMode};
  if (auto made = sys::make_owned_directory(std::string(kNamesDirectory), ownership); !made) {
    return made;
  }
  return sys::make_owned_directory(sys::directory_of(path), ownership);
}

}  // namespace

Result<std::string> server_file(std::string_view name) {
  if (name.empty()) {
    return std::string(kServerFile);
  }
  if (!is_certificate_name(name) || name.front() == '*') {
    return permanent(base::concat({base::printable(name), " is no host name"}));
  }
  return base::concat({kNamesDirectory, "/", base::lower(name), "/servercert.pem"});
}

Result<std::string> own_name() {
  auto me = control::read_line(control::path("me"));
  if (!me) {
    return sys::system_failure("unable to read control/me", me.error().error);
  }
  if (!*me || (*me)->empty()) {
    return permanent("control/me is missing: it has the name of this host");
  }
  return base::lower(**me);
}

Result<sys::Fd> take_write_lock() {
  auto directory = sys::open_directory("control");
  if (!directory) {
    return sys::system_failure("unable to open control", directory.error().error);
  }
  if (auto locked = sys::lock_exclusive(directory->get()); !locked) {
    return locked.error();
  }
  return directory;
}

Result<std::optional<std::string>> store_server_file(const std::string& path,
                                                     const std::string& content,
                                                     base::Time now) {
  const auto ownership = ownership_for(path);
  if (!ownership) {
    return ownership.error();
  }
  if (auto made = make_directories(path); !made) {
    return made.error();
  }
  auto old = keep_old(path, now);
  if (!old) {
    return old;
  }
  if (auto replaced = sys::replace_owned_file(path, content, *ownership); !replaced) {
    if (*old) {
      (void)sys::remove_file(**old);
    }
    return replaced.error();
  }
  return old;
}

std::string time_text(base::Time time) {
  const base::CivilTime civil = base::civil_time(time);
  return base::concat({base::decimal(static_cast<std::uint64_t>(civil.year)), "-",
                       two(civil.month), "-", two(civil.day), " ", two(civil.hour), ":",
                       two(civil.minute), ":", two(civil.second), " UTC"});
}

std::int64_t days_between(base::Time from, base::Time to) {
  return to <= from ? 0 : (to - from).count() / kDay;
}

}  // namespace reqmail::cert
