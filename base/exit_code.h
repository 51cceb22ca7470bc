// The exit codes that most of qmail's programs share. The header of each program in cmd/ lists
// its codes.
#pragma once

namespace reqmail::base {

inline constexpr int kExitSuccess = 0;
inline constexpr int kExitPermanent = 100;
inline constexpr int kExitTemporary = 111;

}  // namespace reqmail::base
