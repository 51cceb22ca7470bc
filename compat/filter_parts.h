// Instructions of the filters that compat/call_filter.cc and compat/reading_filter.cc give to
// the kernel (seccomp(2), Linux alone).
#pragma once

#if defined(__linux__)

#include <endian.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>

#include <array>
#include <cstddef>
#include <cstdint>

namespace reqmail::compat {

// Numbers of system calls are valid only together with their architecture; 0 means that it is
// not known.
#if defined(__x86_64__)
inline constexpr std::uint32_t kArchitecture = AUDIT_ARCH_X86_64;
#elif defined(__i386__)
inline constexpr std::uint32_t kArchitecture = AUDIT_ARCH_I386;
#elif defined(__aarch64__) && defined(__AARCH64EL__)
inline constexpr std::uint32_t kArchitecture = AUDIT_ARCH_AARCH64;
#elif defined(__arm__) && defined(__ARMEL__)
inline constexpr std::uint32_t kArchitecture = AUDIT_ARCH_ARM;
#elif defined(__riscv) && __riscv_xlen == 64
inline constexpr std::uint32_t kArchitecture = AUDIT_ARCH_RISCV64;
#elif defined(__powerpc64__) && defined(__LITTLE_ENDIAN__)
inline constexpr std::uint32_t kArchitecture = AUDIT_ARCH_PPC64LE;
#elif defined(__s390x__)
inline constexpr std::uint32_t kArchitecture = AUDIT_ARCH_S390X;
#else
inline constexpr std::uint32_t kArchitecture = 0;
#endif

// The offset of the lower half of an argument, of which 0 is the first.
constexpr std::size_t argument_offset(std::size_t number) {
  return offsetof(seccomp_data, args) + number * sizeof(std::uint64_t) +
         (BYTE_ORDER == BIG_ENDIAN ? sizeof(std::uint32_t) : 0);
}

constexpr sock_filter filter_load(std::size_t offset) {
  return {BPF_LD | BPF_W | BPF_ABS, 0, 0, static_cast<std::uint32_t>(offset)};
}

// Makes the instruction at index `at`: jumps to `target` if the loaded value has the relation
// (BPF_JEQ, BPF_JGE, BPF_JSET) to `value`, else continues with the next instruction.
constexpr sock_filter filter_jump(unsigned relation, std::size_t at, std::uint32_t value,
                                  std::size_t target) {
  return {static_cast<std::uint16_t>(BPF_JMP | relation | BPF_K),
          static_cast<std::uint8_t>(target - at - 1), 0, value};
}

constexpr sock_filter filter_end(std::uint32_t action) {
  return {BPF_RET | BPF_K, 0, 0, action};
}

// A call is allowed only if one of its arguments has one of these values. Several conditions
// of one call, all of which it must fulfil, stand together.
struct Condition {
  std::uint32_t call = 0;
  std::size_t argument = 0;
  std::array<std::uint32_t, 2> values{};
};

// One that loads an argument, two that compare it, and the end if it is neither.
inline constexpr std::size_t kConditionSize = 4;

// Returns the number of instructions for these conditions.
template <std::size_t kConditions>
constexpr std::size_t size_of(const std::array<Condition, kConditions>& conditions) {
  std::size_t size = kConditionSize * kConditions;
  for (std::size_t i = 0; i < kConditions; ++i) {
    if (i == 0 || conditions[i].call != conditions[i - 1].call) {
      ++size;
    }
  }
  return size;
}

// Writes the conditions from index `at` on, with the number of the call loaded. A call that
// fulfils its conditions continues at index `allow`, and one without any behind them all.
template <std::size_t kFilter, std::size_t kConditions>
constexpr void write_conditions(std::array<sock_filter, kFilter>& code,
                                const std::array<Condition, kConditions>& conditions,
                                std::size_t at, std::size_t allow) {
  for (std::size_t i = 0; i < kConditions;) {
    std::size_t last = i;
    while (last + 1 < kConditions && conditions[last + 1].call == conditions[i].call) {
      ++last;
    }
    code[at++] = {BPF_JMP | BPF_JEQ | BPF_K, 0,
                  static_cast<std::uint8_t>((last - i + 1) * kConditionSize),
                  conditions[i].call};
    for (; i <= last; ++i, at += kConditionSize) {
      const std::size_t good = i < last ? at + kConditionSize : allow;
      code[at] = filter_load(argument_offset(conditions[i].argument));
      code[at + 1] = filter_jump(BPF_JEQ, at + 1, conditions[i].values[0], good);
      code[at + 2] = filter_jump(BPF_JEQ, at + 2, conditions[i].values[1], good);
      code[at + 3] = filter_end(SECCOMP_RET_KILL_PROCESS);
    }
  }
}

// Installs the first `size` instructions.
template <std::size_t kSize>
bool install_filter(std::array<sock_filter, kSize> filter, std::size_t size = kSize) {
  const sock_fprog program{static_cast<unsigned short>(size), filter.data()};
  return ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) == 0;
}

}  // namespace reqmail::compat

#endif
