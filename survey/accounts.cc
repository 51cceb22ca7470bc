#include "survey/accounts.h"

#include <algorithm>

#include "base/number.h"
#include "base/text.h"
#include "survey/paths.h"
#include "sys/file.h"

namespace reqmail::survey {

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

namespace {

// Returns the first group NAME:PASSWORD:GID:MEMBER,MEMBER for which `fits` is true.
template <typename Condition>
std::vector<gid_t> groups_that(Condition fits) {
  std::vector<gid_t> found;
  const auto text = sys::read_file("/etc/group", kLargestFile);
  if (!text) {
    return found;
  }
  for (const std::string_view line : base::lines(*text)) {
    const auto fields = base::split(line, ':');
    const auto gid = fields.size() < 4 ? std::nullopt : base::parse_u64(fields[2]);
    if (gid && fits(fields)) {
      found.push_back(static_cast<gid_t>(*gid));
    }
  }
  return found;
}

}  // namespace

std::optional<gid_t> find_group(std::string_view name) {
  const auto found = groups_that([&](const std::vector<std::string_view>& fields) {
    return fields[0] == name || fields[2] == name;
  });
  return found.empty() ? std::nullopt : std::optional(found.front());
}

std::vector<gid_t> groups_with(std::string_view account) {
  return groups_that([&](const std::vector<std::string_view>& fields) {
    const auto members = base::split(fields[3], ',');
    return std::find(members.begin(), members.end(), account) != members.end();
  });
}

}  // namespace reqmail::survey
