// The part of a filter that finds the number of a system call among those that are allowed
// (Linux alone). It is a binary search: when a filter is installed, the kernel runs it once for
// each number that there is, and that is most of the cost of a filter.
#pragma once

#include "compat/filter_parts.h"

#if defined(__linux__)

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace reqmail::compat {

// The numbers at which the answer changes, in their order: those from the first on are allowed,
// from the second on not, from the third on allowed again.
template <std::size_t kSize>
struct CallBounds {
  std::array<std::uint32_t, kSize> numbers{};
  std::size_t count = 0;
};

template <std::size_t kCalls>
constexpr auto call_bounds(std::array<std::uint32_t, kCalls> allowed) {
  std::sort(allowed.begin(), allowed.end());
  CallBounds<2 * kCalls> bounds;
  for (const std::uint32_t call : allowed) {
    const bool begun = bounds.count > 0;
    if (begun && bounds.numbers[bounds.count - 1] == call) {
      ++bounds.numbers[bounds.count - 1];
    } else if (!begun || bounds.numbers[bounds.count - 1] < call) {
      bounds.numbers[bounds.count++] = call;
      bounds.numbers[bounds.count++] = call + 1;
    }
  }
  return bounds;
}

// Writes the search, `bounds.count` instructions from index `begin` of `filter` on. It continues
// at index `allow` or `kill`, which come later and are less than 256 instructions away.
template <std::size_t kFilter, std::size_t kBounds>
class CallSearch {
 public:
  constexpr CallSearch(std::array<sock_filter, kFilter>& filter,
                       const CallBounds<kBounds>& bounds, std::size_t allow, std::size_t kill)
      : filter_(filter), bounds_(bounds), allow_(allow), kill_(kill) {}

  constexpr void write(std::size_t begin) { write(begin, 0, bounds_.count); }

 private:
  // The search among the bounds from `first` to before `last`, as many instructions.
  constexpr void write(std::size_t at, std::size_t first, std::size_t last) {
    if (first == last) {
      return;
    }
    const std::size_t middle = first + (last - first) / 2;
    const std::size_t below = at + 1;
    const std::size_t above = below + (middle - first);
    filter_[at] = {BPF_JMP | BPF_JGE | BPF_K, offset(at, place(above, middle + 1, last)),
                   offset(at, place(below, first, middle)), bounds_.numbers[middle]};
    write(below, first, middle);
    write(above, middle + 1, last);
  }

  // Where the search among these bounds is, or its result if there are none.
  [[nodiscard]] constexpr std::size_t place(std::size_t at, std::size_t first,
                                            std::size_t last) const {
    if (first < last) {
      return at;
    }
    return first % 2 == 1 ? allow_ : kill_;
  }

  [[nodiscard]] static constexpr std::uint8_t offset(std::size_t at, std::size_t target) {
    return static_cast<std::uint8_t>(target - at - 1);
  }

  std::array<sock_filter, kFilter>& filter_;
  const CallBounds<kBounds>& bounds_;
  std::size_t allow_;
  std::size_t kill_;
};

}  // namespace reqmail::compat

#endif
