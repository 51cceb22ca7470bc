// The programs of qmail: when each is replaced, and its owner and mode.
#pragma once

#include <sys/types.h>

#include <algorithm>
#include <iterator>
#include <string>
#include <string_view>

#include "base/result.h"
#include "sys/identity.h"
#include "upgrade/disk.h"
#include "upgrade/record.h"

namespace reqmail::upgrade {

// The programs that run for as long as qmail does. They understand each other only if they are
// of one version. qmail-start runs the others through PATH.
inline constexpr std::string_view kDaemons[] = {"qmail-clean", "qmail-lspawn", "qmail-rspawn",
                                                "qmail-send"};
inline constexpr std::string_view kStart = "qmail-start";
inline constexpr std::string_view kQueueProgram = "qmail-queue";
// The mode bits that are taken from a program in the tree.
inline constexpr mode_t kPlainBits = 0755;

// Returns when a program in bin/ is replaced.
Phase phase_of(std::string_view program);

// Returns owner and mode of an installed program, whatever those in the new tree are, since
// unpacking may have changed them. `mode` is that of the file in the tree.
Result<Access> program_access(std::string_view program, mode_t mode);

// Return the id of an account or group of qmail. A Failure names the missing one.
Result<gid_t> need_gid(sys::Group group);
Result<uid_t> need_uid(sys::Account account);

template <typename Names>
bool is_one_of(const Names& names, std::string_view name) {
  return std::find(std::begin(names), std::end(names), name) != std::end(names);
}

}  // namespace reqmail::upgrade
