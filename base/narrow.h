// Numbers in smaller types, by name: no conversion happens unseen on a system of 32 bits.
#pragma once

namespace reqmail::base {

// The same number in another type. The caller knows that it fits, also in a type of 32 bits.
template <typename To, typename From>
constexpr To narrow(From number) {
  return static_cast<To>(number);
}

}  // namespace reqmail::base
