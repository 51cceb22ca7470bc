#include "compat/call_filter.h"

#include <sys/resource.h>

#include "compat/call_search.h"
#include "compat/filter_parts.h"

#if defined(__linux__)
#include <fcntl.h>
#include <linux/net.h>
#include <sched.h>
#include <signal.h>
#include <sys/socket.h>
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

// System calls that connect sockets. socket(2) has a condition below.
constexpr std::uint32_t kAsking[] = {
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

// What takes connections and passes them on, and with which the C library makes processes and
// waits for them.
// clone(2) and prlimit64(2) have conditions below.
constexpr std::uint32_t kDispatching[] = {
    __NR_accept4,
    __NR_recvmsg,
    __NR_sendmsg,
    __NR_socketpair,
    __NR_dup3,
    __NR_wait4,
    __NR_set_robust_list,
    __NR_rt_sigaction,
    __NR_clock_nanosleep,
#if defined(__NR_dup2)
    __NR_dup2,
#endif
// What fork(3) of musl calls where there is one.
#if defined(__NR_fork)
    __NR_fork,
#endif
#if defined(__NR_nanosleep)
    __NR_nanosleep,
#endif
#if defined(__NR_clock_nanosleep_time64)
    __NR_clock_nanosleep_time64,
#endif
#if defined(__NR_close_range)
    __NR_close_range,
#endif
};

// fcntl(2) may only read and set the flags of a descriptor. Its other commands can make the
// kernel send signals to other processes.
#if defined(__NR_fcntl64)
constexpr std::uint32_t kSetFlags = __NR_fcntl64;
#else
constexpr std::uint32_t kSetFlags = __NR_fcntl;
#endif
constexpr Condition kOnlyFlags{kSetFlags, 1, {F_GETFL, F_SETFL}};

// A new process shares neither memory nor anything else, and is in no new namespace: what
// fork(3) of the C libraries asks for.
#if defined(__s390x__)
constexpr std::size_t kCloneFlags = 1;
#else
constexpr std::size_t kCloneFlags = 0;
#endif
constexpr Condition kOnlyForks{
    __NR_clone, kCloneFlags, {CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID | SIGCHLD, SIGCHLD}};

// A process may limit its own number of processes, but not those of others, which prlimit64(2)
// can do too.
constexpr Condition kOnlyOwnProcess{__NR_prlimit64, 0, {0, 0}};
constexpr Condition kOnlyOfProcesses{__NR_prlimit64, 1, {RLIMIT_NPROC, RLIMIT_NPROC}};

// A socket that can be connected is one of the networks: services of this host, which trust an
// account that is let in by the path of a socket, are out of reach.
constexpr Condition kOnlyNetworks{__NR_socket, 0, {AF_INET, AF_INET6}};

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
constexpr std::uint32_t kDispatchingSockets[] = {SYS_ACCEPT4, SYS_RECVMSG, SYS_SENDMSG,
                                                 SYS_SOCKETPAIR};

// Where the first conditions begin, with the number of the call loaded.
constexpr std::size_t kConditionsAt = 4;

template <std::size_t kSize>
struct Filter {
  std::array<sock_filter, kSize> code{};
  std::size_t size = 0;
};

// Writes the comparisons of operations on sockets, which begin at `at` and continue at `search`
// for other calls.
template <std::size_t kFilter, std::size_t kOperations>
constexpr void compare_operations(std::array<sock_filter, kFilter>& code, std::size_t at,
                                  const std::array<std::uint32_t, kOperations>& operations,
                                  std::size_t search, std::size_t allow) {
  code[at] = {BPF_JMP | BPF_JEQ | BPF_K, 0, static_cast<std::uint8_t>(search - at - 1),
              kSocketCall};
  code[at + 1] = filter_load(argument_offset(0));
  at += 2;
  for (const std::uint32_t operation : operations) {
    code[at] = filter_jump(BPF_JEQ, at, operation, allow);
    ++at;
  }
  code[at] = filter_end(SECCOMP_RET_KILL_PROCESS);
}

// The template argument has the conditions, since their number of instructions is a constant.
template <const auto& kConditions, std::size_t kCalls, std::size_t kOperations>
constexpr auto make_filter(const std::array<std::uint32_t, kCalls>& allowed,
                           const std::array<std::uint32_t, kOperations>& operations) {
  constexpr std::size_t kSocketsAt = kConditionsAt + size_of(kConditions);
  constexpr std::size_t kSearchAt = kSocketsAt + (kOneSocketCall ? kOperations + 3 : 0);
  // The offset of a jump has eight bits.
  constexpr std::size_t kSize = kSearchAt + 2 * kCalls + 2;
  static_assert(kSize <= 256);
  Filter<kSize> filter;
  const auto bounds = call_bounds(allowed);
  const std::size_t kill_at = kSearchAt + bounds.count;
  const std::size_t allow_at = kill_at + 1;
  auto& code = filter.code;
  code[0] = filter_load(offsetof(seccomp_data, arch));
  code[1] = filter_jump(BPF_JEQ, 1, kArchitecture, 3);
  code[2] = filter_end(SECCOMP_RET_KILL_PROCESS);
  code[3] = filter_load(offsetof(seccomp_data, nr));
  write_conditions(code, kConditions, kConditionsAt, allow_at);
  if constexpr (kOneSocketCall) {
    compare_operations(code, kSocketsAt, operations, kSearchAt, allow_at);
  }
  CallSearch(code, bounds, allow_at, kill_at).write(kSearchAt);
  code[kill_at] = filter_end(SECCOMP_RET_KILL_PROCESS);
  code[allow_at] = filter_end(SECCOMP_RET_ALLOW);
  filter.size = allow_at + 1;
  return filter;
}

template <typename First, typename Second>
constexpr auto both(const First& first, const Second& second) {
  constexpr std::size_t kFirst = std::size(First{});
  std::array<std::uint32_t, kFirst + std::size(Second{})> all{};
  std::copy(std::begin(first), std::end(first), all.begin());
  std::copy(std::begin(second), std::end(second), all.begin() + kFirst);
  return all;
}

template <std::size_t kSize>
bool allow(const Filter<kSize>& filter) {
  return kArchitecture != 0 && install_filter(filter.code, filter.size);
}

constexpr std::array kConditions{kOnlyFlags};
constexpr std::array kAskingConditions{kOnlyFlags, kOnlyNetworks};
constexpr std::array kDispatchingConditions{kOnlyFlags, kOnlyNetworks, kOnlyForks,
                                            kOnlyOwnProcess, kOnlyOfProcesses};

constexpr auto kTalkingFilter =
    make_filter<kConditions>(std::to_array(kTalking), std::to_array(kTalkingSockets));
constexpr auto kAskingFilter = make_filter<kAskingConditions>(
    both(kTalking, kAsking), both(kTalkingSockets, kAskingSockets));
constexpr auto kReceivingFilter = make_filter<kConditions>(
    both(kTalking, kReceiving), both(kTalkingSockets, kReceivingSockets));
constexpr auto kQueueingFilter = make_filter<kConditions>(
    both(kTalking, kQueueing), both(kTalkingSockets, kQueueingSockets));
constexpr auto kDispatchingFilter = make_filter<kDispatchingConditions>(
    both(both(kTalking, kAsking), kDispatching),
    both(both(kTalkingSockets, kAskingSockets), kDispatchingSockets));

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
  case Calls::dispatching:
    return allow(kDispatchingFilter);
  }
  return false;
}

bool checks_new_sockets() {
  return kArchitecture != 0 && !kOneSocketCall;
}

#else

bool allow_only(Calls /*calls*/) {
  return false;
}

bool checks_new_sockets() {
  return false;
}

#endif

bool forbid_processes() {
  const rlimit none{0, 0};
  return ::setrlimit(RLIMIT_NPROC, &none) == 0;
}

}  // namespace reqmail::compat
