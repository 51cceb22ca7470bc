#include "compat/call_filter.h"

#include "compat/call_search.h"
#include "compat/filter_parts.h"

#if defined(__linux__)
#include <fcntl.h>
#include <linux/net.h>
#include <sys/syscall.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <tuple>
#endif

namespace reqmail::compat {

#if defined(__linux__)

namespace {

// The system calls that sessions make according to strace(1), and those that the C library uses
// instead with another kernel, architecture or size of types.
constexpr std::uint32_t kTalking[] = {
    // Communication. It is only possible on descriptors that are open already.
    __NR_read,
    __NR_write,
    __NR_readv,
    __NR_pread64,
    __NR_writev,
    __NR_recvfrom,
    __NR_sendto,
    __NR_shutdown,
    __NR_close,
    // Waiting. The second call continues one that a signal has interrupted.
    __NR_ppoll,
    __NR_restart_syscall,
    // Time, random numbers and locks. OpenSSL uses the process ID to detect a fork.
    __NR_clock_gettime,
    __NR_gettimeofday,
    __NR_getrandom,
    __NR_getpid,
    __NR_futex,
    // Memory.
    __NR_munmap,
    __NR_mremap,
    __NR_mprotect,
    __NR_madvise,
    __NR_brk,
    // Signals, and the end of the process.
    __NR_rt_sigprocmask,
    __NR_rt_sigreturn,
    __NR_exit,
    __NR_exit_group,
// Calls that some architectures have in addition or instead.
#if defined(__NR_poll)
    __NR_poll,
#endif
#if defined(__NR_ppoll_time64)
    __NR_ppoll_time64,
#endif
#if defined(__NR_clock_gettime64)
    __NR_clock_gettime64,
#endif
#if defined(__NR_time)
    __NR_time,
#endif
#if defined(__NR_futex_time64)
    __NR_futex_time64,
#endif
#if defined(__NR_mmap)
    __NR_mmap,
#endif
#if defined(__NR_mmap2)
    __NR_mmap2,
#endif
};

// System calls that make sockets and connect them.
constexpr std::uint32_t kAsking[] = {
    __NR_socket,
    __NR_connect,
};

// System calls with which files of the queue are made, and those that the C library makes for
// threads.
constexpr std::uint32_t kQueueing[] = {
    __NR_accept4,
    __NR_recvmsg,
    __NR_sendmsg,
    __NR_getsockopt,
    __NR_openat,
    __NR_linkat,
    __NR_renameat2,
    __NR_unlinkat,
    __NR_fsync,
    __NR_lseek,
    __NR_clone,
    __NR_set_robust_list,
    __NR_rt_sigaction,
    __NR_prlimit64,
    __NR_sched_yield,
// Some architectures have only one of the calls that do the same.
#if defined(__NR_open)
    __NR_open,
#endif
#if defined(__NR_link)
    __NR_link,
#endif
#if defined(__NR_unlink)
    __NR_unlink,
#endif
#if defined(__NR_fstat)
    __NR_fstat,
#endif
#if defined(__NR_fstat64)
    __NR_fstat64,
#endif
#if defined(__NR_newfstatat)
    __NR_newfstatat,
#endif
#if defined(__NR_fstatat64)
    __NR_fstatat64,
#endif
#if defined(__NR_stat)
    __NR_stat,
#endif
#if defined(__NR_stat64)
    __NR_stat64,
#endif
#if defined(__NR_statx)
    __NR_statx,
#endif
#if defined(__NR_sync_file_range)
    __NR_sync_file_range,
#endif
#if defined(__NR_sync_file_range2)
    __NR_sync_file_range2,
#endif
#if defined(__NR_arm_sync_file_range)
    __NR_arm_sync_file_range,
#endif
#if defined(__NR__llseek)
    __NR__llseek,
#endif
#if defined(__NR_clone3)
    __NR_clone3,
#endif
#if defined(__NR_rseq)
    __NR_rseq,
#endif
};

// What receives descriptors together with bytes.
constexpr std::uint32_t kReceiving[] = {
    __NR_recvmsg,
};

// fcntl(2) may only read and set the flags of a descriptor. Its other commands can make the
// kernel send signals to other processes.
#if defined(__NR_fcntl64)
constexpr std::uint32_t kSetFlags = __NR_fcntl64;
#else
constexpr std::uint32_t kSetFlags = __NR_fcntl;
#endif
constexpr std::uint32_t kFlagCommands[] = {F_GETFL, F_SETFL};

// On some architectures the C library does everything that is done with sockets by one call,
// whose first argument is the operation.
#if defined(__NR_socketcall)
constexpr bool kOneSocketCall = true;
constexpr std::uint32_t kSocketCall = __NR_socketcall;
#else
constexpr bool kOneSocketCall = false;
constexpr std::uint32_t kSocketCall = 0;
#endif
// The operations that are the calls above.
constexpr std::uint32_t kTalkingSockets[] = {SYS_SEND, SYS_RECV, SYS_SENDTO, SYS_RECVFROM,
                                             SYS_SHUTDOWN};
constexpr std::uint32_t kAskingSockets[] = {SYS_SOCKET, SYS_CONNECT};
constexpr std::uint32_t kQueueingSockets[] = {SYS_ACCEPT4, SYS_RECVMSG, SYS_SENDMSG,
                                              SYS_GETSOCKOPT};
constexpr std::uint32_t kReceivingSockets[] = {SYS_RECVMSG};

constexpr std::size_t kCommands = std::size(kFlagCommands);
// The indexes at which the parts of the filter begin: the comparisons of commands; those of
// operations on sockets, or the search for the call.
constexpr std::size_t kCommandsAt = 6;
constexpr std::size_t kSocketsAt = kCommandsAt + kCommands + 1;

template <std::size_t kCalls, std::size_t kOperations>
struct Filter {
  static constexpr std::size_t kSearchAt = kSocketsAt + (kOneSocketCall ? kOperations + 3 : 0);
  std::array<sock_filter, kSearchAt + 2 * kCalls + 2> code{};
  std::size_t size = 0;
};

// Writes the comparisons of operations on sockets, which continue at `search` for other calls.
template <std::size_t kFilter, std::size_t kOperations>
constexpr void compare_operations(std::array<sock_filter, kFilter>& code,
                                  const std::array<std::uint32_t, kOperations>& operations,
                                  std::size_t search, std::size_t allow) {
  code[kSocketsAt] = {BPF_JMP | BPF_JEQ | BPF_K, 0,
                      static_cast<std::uint8_t>(search - kSocketsAt - 1), kSocketCall};
  code[kSocketsAt + 1] = filter_load(argument_offset(0));
  std::size_t at = kSocketsAt + 2;
  for (const std::uint32_t operation : operations) {
    code[at] = filter_jump(BPF_JEQ, at, operation, allow);
    ++at;
  }
  code[at] = filter_end(SECCOMP_RET_KILL_PROCESS);
}

template <std::size_t kCalls, std::size_t kOperations>
constexpr auto make_filter(const std::array<std::uint32_t, kCalls>& allowed,
                           const std::array<std::uint32_t, kOperations>& operations) {
  Filter<kCalls, kOperations> filter;
  constexpr std::size_t kSearchAt = decltype(filter)::kSearchAt;
  const auto bounds = call_bounds(allowed);
  const std::size_t kill_at = kSearchAt + bounds.count;
  const std::size_t allow_at = kill_at + 1;
  // The offset of a jump has eight bits.
  static_assert(std::tuple_size_v<decltype(filter.code)> <= 256);
  auto& code = filter.code;
  code[0] = filter_load(offsetof(seccomp_data, arch));
  code[1] = filter_jump(BPF_JEQ, 1, kArchitecture, 3);
  code[2] = filter_end(SECCOMP_RET_KILL_PROCESS);
  code[3] = filter_load(offsetof(seccomp_data, nr));
  code[4] = {BPF_JMP | BPF_JEQ | BPF_K, 0, static_cast<std::uint8_t>(kSocketsAt - 5),
             kSetFlags};
  code[5] = filter_load(argument_offset(1));
  for (std::size_t i = 0; i < kCommands; ++i) {
    code[kCommandsAt + i] = filter_jump(BPF_JEQ, kCommandsAt + i, kFlagCommands[i], allow_at);
  }
  code[kSocketsAt - 1] = filter_end(SECCOMP_RET_KILL_PROCESS);
  if constexpr (kOneSocketCall) {
    compare_operations(code, operations, kSearchAt, allow_at);
  }
  CallSearch(code, bounds, allow_at, kill_at).write(kSearchAt);
  code[kill_at] = filter_end(SECCOMP_RET_KILL_PROCESS);
  code[allow_at] = filter_end(SECCOMP_RET_ALLOW);
  filter.size = allow_at + 1;
  return filter;
}

template <std::size_t kFirst, std::size_t kSecond>
constexpr auto both(const std::uint32_t (&first)[kFirst],
                    const std::uint32_t (&second)[kSecond]) {
  std::array<std::uint32_t, kFirst + kSecond> all{};
  std::copy(std::begin(first), std::end(first), all.begin());
  std::copy(std::begin(second), std::end(second), all.begin() + kFirst);
  return all;
}

template <std::size_t kCalls, std::size_t kOperations>
bool allow(const Filter<kCalls, kOperations>& filter) {
  return kArchitecture != 0 && install_filter(filter.code, filter.size);
}

constexpr auto kTalkingFilter =
    make_filter(std::to_array(kTalking), std::to_array(kTalkingSockets));
constexpr auto kAskingFilter =
    make_filter(both(kTalking, kAsking), both(kTalkingSockets, kAskingSockets));
constexpr auto kReceivingFilter =
    make_filter(both(kTalking, kReceiving), both(kTalkingSockets, kReceivingSockets));
constexpr auto kQueueingFilter =
    make_filter(both(kTalking, kQueueing), both(kTalkingSockets, kQueueingSockets));

}  // namespace

bool allow_only(Calls calls) {
  switch (calls) {
  case Calls::talking:
    return allow(kTalkingFilter);
  case Calls::asking:
    return allow(kAskingFilter);
  case Calls::receiving:
    return allow(kReceivingFilter);
  case Calls::queueing:
    return allow(kQueueingFilter);
  }
  return false;
}

#else

bool allow_only(Calls /*calls*/) {
  return false;
}

#endif

}  // namespace reqmail::compat
