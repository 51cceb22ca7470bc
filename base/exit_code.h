// Exit codes that most of qmail's programs share; each program's own set is in the header of
// its cmd/ file.
#pragma once

namespace reqmail::base {

inline constexpr int kExitSuccess = 0;
inline constexpr int kExitPermanent = 100;
inline constexpr int kExitTemporary = 111;

}  // namespace reqmail::base
