// The programs of qmail: when each is put in place, and with which owner and mode.
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

// The programs that run for as long as qmail does: only as one set do they understand each
// other. qmail-start runs the rest through PATH.
inline constexpr std::string_view kDaemons[] = {"qmail-clean", "qmail-lspawn", "qmail-rspawn",
                                                "qmail-send"};
inline constexpr std::string_view kStart = "qmail-start";
inline constexpr std::string_view kQueueProgram = "qmail-queue";
// What the mode of a program in the tree may say.
inline constexpr mode_t kPlainBits = 0755;

// When a program of bin/ is put in place.
Phase phase_of(std::string_view program);

// Owner and mode of an installed program, whatever those of the new tree are: a tree that was
// unpacked by somebody has lost them. `mode`: that of the file in the tree.
Result<Access> program_access(std::string_view program, mode_t mode);

// The ids of an account or group of qmail. A Failure names the one that is missing.
Result<gid_t> need_gid(sys::Group group);
Result<uid_t> need_uid(sys::Account account);

template <typename Names>
bool is_one_of(const Names& names, std::string_view name) {
  return std::find(std::begin(names), std::end(names), name) != std::end(names);
}

}  // namespace reqmail::upgrade
