// Explicit conversion of numbers to smaller types, so that systems of 32 bits have no hidden
// ones.
#pragma once

namespace reqmail::base {

// Returns the number in another type. The caller must know that it fits, even if the type has
// 32 bits.
template <typename To, typename From>
constexpr To narrow(From number) {
  return static_cast<To>(number);
}

}  // namespace reqmail::base
