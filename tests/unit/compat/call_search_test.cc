#include "compat/call_search.h"

#include <gtest/gtest.h>

#if defined(__linux__)

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace reqmail::compat {
namespace {

constexpr std::uint32_t kAllow = 1;
constexpr std::uint32_t kKill = 2;

// What the kernel finds for this number, and how many comparisons it makes.
template <std::size_t kSize>
std::uint32_t run(const std::array<sock_filter, kSize>& filter, std::uint32_t number,
                  std::size_t& comparisons) {
  std::size_t at = 0;
  for (comparisons = 0; filter.at(at).code != (BPF_RET | BPF_K); ++comparisons) {
    EXPECT_EQ(filter.at(at).code, BPF_JMP | BPF_JGE | BPF_K);
    at += 1U + (number >= filter.at(at).k ? filter.at(at).jt : filter.at(at).jf);
  }
  return filter.at(at).k;
}

template <std::size_t kCalls>
void check(const std::array<std::uint32_t, kCalls>& allowed, std::size_t most) {
  const auto bounds = call_bounds(allowed);
  std::array<sock_filter, 2 * kCalls + 2> filter{};
  const std::size_t allow_at = bounds.count;
  const std::size_t kill_at = allow_at + 1;
  CallSearch(filter, bounds, allow_at, kill_at).write(0);
  filter.at(allow_at) = filter_end(kAllow);
  filter.at(kill_at) = filter_end(kKill);
  for (std::uint32_t number = 0; number < 600; ++number) {
    const bool is_allowed = std::find(allowed.begin(), allowed.end(), number) != allowed.end();
    std::size_t comparisons = 0;
    ASSERT_EQ(run(filter, number, comparisons), is_allowed ? kAllow : kKill) << number;
    ASSERT_LE(comparisons, most) << number;
  }
  for (const std::uint32_t number : {0x40000001U, 0x80000000U, 0xffffffffU}) {
    std::size_t comparisons = 0;
    ASSERT_EQ(run(filter, number, comparisons), kKill) << number;
  }
}

TEST(CallSearch, FindsEachNumberAndNoOther) {
  check(std::to_array<std::uint32_t>({5}), 2);
  check(std::to_array<std::uint32_t>({0, 1, 2}), 2);
  check(std::to_array<std::uint32_t>({9, 3, 0, 4, 3, 10, 599, 9, 231}), 4);
  std::array<std::uint32_t, 64> odd{};
  for (std::size_t at = 0; at < odd.size(); ++at) {
    odd.at(at) = static_cast<std::uint32_t>(2 * (at * 37 % odd.size()) + 1);
  }
  check(odd, 8);
}

TEST(CallSearch, NumbersThatAdjoinAreOneRange) {
  EXPECT_EQ(call_bounds(std::to_array<std::uint32_t>({7, 5, 6, 5})).count, 2U);
  EXPECT_EQ(call_bounds(std::to_array<std::uint32_t>({7, 5})).count, 4U);
}

}  // namespace
}  // namespace reqmail::compat

#endif
