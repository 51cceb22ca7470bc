#include "compat/reading_filter.h"

#include "compat/filter_parts.h"

#if defined(__linux__)
#include <fcntl.h>
#include <sys/syscall.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <iterator>
#endif

namespace reqmail::compat {

#if defined(__linux__)

namespace {

// Not every architecture and every set of kernel headers has all of them. openat2(2) has its
// flags in memory, which a filter cannot read.
constexpr std::uint32_t kForbidden[] = {
// Changes to files. A descriptor that is open for writing is one that the process was given.
#if defined(__NR_creat)
    __NR_creat,
#endif
#if defined(__NR_openat2)
    __NR_openat2,
#endif
#if defined(__NR_open_by_handle_at)
    __NR_open_by_handle_at,
#endif
    __NR_truncate,
#if defined(__NR_truncate64)
    __NR_truncate64,
#endif
#if defined(__NR_rename)
    __NR_rename,
#endif
#if defined(__NR_renameat)
    __NR_renameat,
#endif
    __NR_renameat2,
#if defined(__NR_link)
    __NR_link,
#endif
    __NR_linkat,
#if defined(__NR_symlink)
    __NR_symlink,
#endif
    __NR_symlinkat,
#if defined(__NR_unlink)
    __NR_unlink,
#endif
    __NR_unlinkat,
#if defined(__NR_mkdir)
    __NR_mkdir,
#endif
    __NR_mkdirat,
#if defined(__NR_rmdir)
    __NR_rmdir,
#endif
#if defined(__NR_mknod)
    __NR_mknod,
#endif
    __NR_mknodat,
#if defined(__NR_chmod)
    __NR_chmod,
#endif
    __NR_fchmod,
    __NR_fchmodat,
#if defined(__NR_fchmodat2)
    __NR_fchmodat2,
#endif
#if defined(__NR_chown)
    __NR_chown,
#endif
#if defined(__NR_lchown)
    __NR_lchown,
#endif
    __NR_fchown,
    __NR_fchownat,
#if defined(__NR_utime)
    __NR_utime,
#endif
#if defined(__NR_utimes)
    __NR_utimes,
#endif
#if defined(__NR_utimensat)
    __NR_utimensat,
#endif
    __NR_setxattr,
    __NR_lsetxattr,
    __NR_fsetxattr,
    __NR_removexattr,
    __NR_lremovexattr,
    __NR_fremovexattr,
    __NR_mq_open,
// The network. Where one call stands for all of these (socketcall(2)), it has to be allowed.
#if defined(__NR_socket)
    __NR_socket,
    __NR_connect,
    __NR_bind,
    __NR_listen,
#endif
    // Other processes.
    __NR_kill,
    __NR_tkill,
    __NR_tgkill,
    __NR_rt_sigqueueinfo,
    __NR_rt_tgsigqueueinfo,
#if defined(__NR_pidfd_send_signal)
    __NR_pidfd_send_signal,
#endif
#if defined(__NR_pidfd_getfd)
    __NR_pidfd_getfd,
#endif
    __NR_ptrace,
    __NR_process_vm_readv,
    __NR_process_vm_writev,
#if defined(__NR_shmget)
    __NR_shmget,
    __NR_semget,
    __NR_msgget,
#endif
    // Parts of the kernel that are of no use here, and in which errors are found.
    __NR_bpf,
    __NR_perf_event_open,
    __NR_keyctl,
    __NR_add_key,
    __NR_request_key,
    __NR_userfaultfd,
    __NR_unshare,
    __NR_setns,
    __NR_mount,
#if defined(__NR_io_uring_setup)
    __NR_io_uring_setup,
#endif
};

constexpr std::uint32_t kExecuting[] = {__NR_execve, __NR_execveat};

constexpr std::uint32_t kWritingFlags = O_WRONLY | O_RDWR | O_CREAT | O_TRUNC | O_APPEND;

// Calls from this number on belong to another table of calls of the same architecture (x32).
constexpr std::uint32_t kOtherTable = 0x40000000;

// A call that opens a file, and which of its arguments has the flags.
struct Opening {
  std::uint32_t call;
  std::size_t flags_argument;
};

constexpr Opening kOpenings[] = {
#if defined(__NR_open)
    {__NR_open, 1},
#endif
    {__NR_openat, 2},
};

// The indexes of the parts: the architecture, the calls that are forbidden, those that open
// files, the results.
template <std::size_t kCalls>
constexpr auto make_filter(const std::array<std::uint32_t, kCalls>& forbidden) {
  constexpr std::size_t kCallsAt = 5;
  constexpr std::size_t kOpeningsAt = kCallsAt + kCalls;
  constexpr std::size_t kOpeningSize = 3;
  constexpr std::size_t kAllowAt = kOpeningsAt + kOpeningSize * std::size(kOpenings);
  constexpr std::size_t kForbidAt = kAllowAt + 1;
  static_assert(kForbidAt < 256, "the offset of a jump has eight bits");
  std::array<sock_filter, kForbidAt + 1> filter{};
  filter[0] = filter_load(offsetof(seccomp_data, arch));
  filter[1] = filter_jump(BPF_JEQ, 1, kArchitecture, 3);
  filter[2] = filter_end(SECCOMP_RET_KILL_PROCESS);
  filter[3] = filter_load(offsetof(seccomp_data, nr));
  filter[4] = filter_jump(BPF_JGE, 4, kOtherTable, kForbidAt);
  for (std::size_t i = 0; i < kCalls; ++i) {
    filter[kCallsAt + i] = filter_jump(BPF_JEQ, kCallsAt + i, forbidden[i], kForbidAt);
  }
  std::size_t at = kOpeningsAt;
  for (const Opening& opening : kOpenings) {
    // The second instruction replaces the loaded number, so the third decides in both ways.
    filter[at] = {BPF_JMP | BPF_JEQ | BPF_K, 0, 2, opening.call};
    filter[at + 1] = filter_load(argument_offset(opening.flags_argument));
    filter[at + 2] = {BPF_JMP | BPF_JSET | BPF_K, static_cast<std::uint8_t>(kForbidAt - at - 3),
                      static_cast<std::uint8_t>(kAllowAt - at - 3), kWritingFlags};
    at += kOpeningSize;
  }
  filter[kAllowAt] = filter_end(SECCOMP_RET_ALLOW);
  filter[kForbidAt] = filter_end(SECCOMP_RET_ERRNO | EPERM);
  return filter;
}

constexpr auto with_executing() {
  std::array<std::uint32_t, std::size(kForbidden) + std::size(kExecuting)> all{};
  std::copy(std::begin(kForbidden), std::end(kForbidden), all.begin());
  std::copy(std::begin(kExecuting), std::end(kExecuting), all.begin() + std::size(kForbidden));
  return all;
}

}  // namespace

bool only_read_files(bool executes) {
  if (kArchitecture == 0) {
    return false;
  }
  return executes ? install_filter(make_filter(std::to_array(kForbidden)))
                  : install_filter(make_filter(with_executing()));
}

#else

bool only_read_files(bool /*executes*/) {
  return false;
}

#endif

}  // namespace reqmail::compat
