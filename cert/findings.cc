#include "cert/findings.h"

#include <algorithm>
#include <cerrno>
#include <utility>

#include "base/text.h"
#include "sys/error.h"
#include "sys/file.h"
#include "sys/owned_file.h"

namespace reqmail::cert {

namespace {

constexpr mode_t kOthersRead = 0004;
constexpr mode_t kGroupRead = 0040;
constexpr mode_t kGroupOrOthersWrite = 0022;

std::string mend(const std::string& file, const Reader& reader, std::string_view mode) {
  return base::concat({"chown ", reader.owners, " ", file, "; chmod ", mode, " ", file});
}

void check_reads(Findings& findings, const std::string& file, const Reader& reader,
                 std::string_view mode) {
  const auto identity = sys::account_identity(reader.account);
  const auto error =
      identity ? sys::read_error_of(*identity, file) : Result<int>(temporary("no account"));
  const std::string_view name = sys::account_name(reader.account);
  if (!error) {
    findings.add(Level::wrong, file,
                 base::concat({"unable to find out whether ", name, " can read it"}),
                 "run qmail-cert as root; make the accounts if they are missing");
  } else if (*error != 0) {
    findings.add(Level::wrong, file,
                 base::concat({name, " can not read it: ", sys::error_text(*error)}),
                 mend(file, reader, mode));
  }
}

bool is_ours(uid_t owner) {
  return owner == 0 || sys::account_of(owner).has_value();
}

bool is_our_group(gid_t group) {
  return group == 0 || group == sys::group_gid(sys::Group::qmail) ||
         group == sys::group_gid(sys::Group::nofiles);
}

}  // namespace

void Findings::add(Level level, std::string_view file, std::string text, std::string remedy) {
  findings_.push_back({level, std::string(file), std::move(text), std::move(remedy)});
}

std::size_t Findings::count(Level level) const {
  return static_cast<std::size_t>(
      std::count_if(findings_.begin(), findings_.end(),
                    [level](const FileFinding& one) { return one.level == level; }));
}

void check_secret(Findings& findings, const std::string& file, const Reader& reader) {
  constexpr std::string_view kMode = "640";
  const auto found = sys::status(file);
  if (!found) {
    return;
  }
  const std::string remedy = mend(file, reader, kMode);
  if ((found->st_mode & kOthersRead) != 0) {
    findings.add(Level::wrong, file, "everybody on this host can read the key",
                 remedy + ", and think of a new key");
  } else if ((found->st_mode & kGroupRead) != 0 && !is_our_group(found->st_gid)) {
    findings.add(Level::wrong, file, "a group that is none of qmail's can read the key",
                 remedy);
  }
  if (!is_ours(found->st_uid) || (found->st_mode & kGroupOrOthersWrite) != 0) {
    findings.add(Level::wrong, file, "others than root and its reader can change it", remedy);
  }
  check_reads(findings, file, reader, kMode);
}

void check_readable(Findings& findings, const std::string& file, const Reader& reader) {
  const auto found = sys::status(file);
  if (!found) {
    return;
  }
  if (!is_ours(found->st_uid) || (found->st_mode & kGroupOrOthersWrite) != 0) {
    findings.add(Level::wrong, file, "others than root can change it",
                 base::concat({"chown root ", file, "; chmod go-w ", file}));
  }
  check_reads(findings, file, reader, "644");
}

}  // namespace reqmail::cert
