#include "upgrade/accounts.h"

#include "base/number.h"
#include "base/text.h"
#include "sys/file.h"
#include "upgrade/disk.h"

namespace reqmail::upgrade {

std::optional<HostAccount> find_account(std::string_view name) {
  const auto text = sys::read_file("/etc/passwd", kLargestFile);
  if (!text || name.empty()) {
    return std::nullopt;
  }
  for (const std::string_view line : base::lines(*text)) {
    const auto fields = base::split(line, ':');
    if (fields.size() < 6 || (fields[0] != name && fields[2] != name)) {
      continue;
    }
    const auto uid = base::parse_u64(fields[2]);
    const auto gid = base::parse_u64(fields[3]);
    if (uid && gid) {
      return HostAccount{std::string(fields[0]), static_cast<uid_t>(*uid),
                         static_cast<gid_t>(*gid), std::string(fields[5])};
    }
  }
  return std::nullopt;
}

}  // namespace reqmail::upgrade
