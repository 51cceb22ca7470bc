// Makes lists of refused peers for tests.
#pragma once

#include <string>
#include <vector>

#include "proto/deny_list.h"

namespace reqmail::testing {

inline proto::DenyList denied_addresses(const std::vector<std::string>& lines) {
  proto::DenyList list(proto::DenyList::Of::addresses);
  (void)list.add(lines, nullptr);
  return list;
}

inline proto::DenyList denied_hosts(const std::vector<std::string>& lines) {
  proto::DenyList list(proto::DenyList::Of::hosts);
  (void)list.add(lines, nullptr);
  return list;
}

}  // namespace reqmail::testing
