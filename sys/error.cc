#include "sys/error.h"

#include <algorithm>
#include <cerrno>
#include <iterator>

#include "base/text.h"

namespace reqmail::sys {

namespace {

struct ErrorName {
  int error;
  std::string_view text;
};

// The order is that of netqmail's list. The texts appear in reports, logs and warnings.
constexpr ErrorName kNames[] = {
    {0, "no error"},
    {EINTR, "interrupted system call"},
    {ENOMEM, "out of memory"},
    {ENOENT, "file does not exist"},
    {ETXTBSY, "text busy"},
    {EIO, "input/output error"},
    {EEXIST, "file already exists"},
    {ETIMEDOUT, "timed out"},
    {EINPROGRESS, "operation in progress"},
    {EAGAIN, "temporary failure"},
    {EPIPE, "broken pipe"},
    {EPERM, "permission denied"},
    {EACCES, "access denied"},
    {ESRCH, "no such process"},
    {ENXIO, "device not configured"},
    {E2BIG, "argument list too long"},
    {ENOEXEC, "exec format error"},
    {EBADF, "file descriptor not open"},
    {ECHILD, "no child processes"},
    {EFAULT, "bad address"},
    {ENOTBLK, "not a block device"},
    {EBUSY, "device busy"},
    {EXDEV, "cross-device link"},
    {ENODEV, "device does not support operation"},
    {ENOTDIR, "not a directory"},
    {EISDIR, "is a directory"},
    {EINVAL, "invalid argument"},
    {ENFILE, "system cannot open more files"},
    {EMFILE, "process cannot open more files"},
    {ENOTTY, "not a tty"},
    {EFBIG, "file too big"},
    {ENOSPC, "out of disk space"},
    {ESPIPE, "unseekable descriptor"},
    {EROFS, "read-only file system"},
    {EMLINK, "too many links"},
    {EDOM, "input out of range"},
    {ERANGE, "output out of range"},
    {EALREADY, "operation already in progress"},
    {ENOTSOCK, "not a socket"},
    {EDESTADDRREQ, "destination address required"},
    {EMSGSIZE, "message too long"},
    {EPROTOTYPE, "incorrect protocol type"},
    {ENOPROTOOPT, "protocol not available"},
    {EPROTONOSUPPORT, "protocol not supported"},
    {ESOCKTNOSUPPORT, "socket type not supported"},
    {EOPNOTSUPP, "operation not supported"},
    {EPFNOSUPPORT, "protocol family not supported"},
    {EAFNOSUPPORT, "address family not supported"},
    {EADDRINUSE, "address already used"},
    {EADDRNOTAVAIL, "address not available"},
    {ENETDOWN, "network down"},
    {ENETUNREACH, "network unreachable"},
    {ENETRESET, "network reset"},
    {ECONNABORTED, "connection aborted"},
    {ECONNRESET, "connection reset"},
    {ENOBUFS, "out of buffer space"},
    {EISCONN, "already connected"},
    {ENOTCONN, "not connected"},
    {ESHUTDOWN, "socket shut down"},
    {ETOOMANYREFS, "too many references"},
    {ECONNREFUSED, "connection refused"},
    {ELOOP, "symbolic link loop"},
    {ENAMETOOLONG, "file name too long"},
    {EHOSTDOWN, "host down"},
    {EHOSTUNREACH, "host unreachable"},
    {ENOTEMPTY, "directory not empty"},
    {EUSERS, "too many users"},
    {EDQUOT, "disk quota exceeded"},
    {ESTALE, "stale NFS file handle"},
    {EREMOTE, "too many levels of remote in path"},
    {ENOLCK, "no locks available"},
    {ENOSYS, "system call not available"},
    {EBADMSG, "bad message type"},
    {EDEADLK, "operation would cause deadlock"},
    {EIDRM, "identifier removed"},
    {ENOMSG, "no message of desired type"},
    {EPROTO, "protocol error"},
    {ETIME, "timer expired"},
};

constexpr int kTemporary[] = {
    EINTR,        ENOMEM,       ETXTBSY,   EIO,          ETIMEDOUT,  EAGAIN,
    EWOULDBLOCK,  EBUSY,        ENFILE,    EMFILE,       EFBIG,      ENOSPC,
    ENETDOWN,     ENETUNREACH,  ENETRESET, ECONNABORTED, ECONNRESET, ENOBUFS,
    ETOOMANYREFS, ECONNREFUSED, EHOSTDOWN, EHOSTUNREACH, EUSERS,     EDQUOT,
    ESTALE,       EREMOTE,      ENOLCK,    EDEADLK,      EROFS,
};

}  // namespace

bool is_temporary(int error) {
  return std::find(std::begin(kTemporary), std::end(kTemporary), error) != std::end(kTemporary);
}

std::string_view error_text(int error) {
  const auto* found =
      std::find_if(std::begin(kNames), std::end(kNames),
                   [error](const ErrorName& name) { return name.error == error; });
  return found == std::end(kNames) ? "unknown error" : found->text;
}

Failure system_failure(std::string_view what) {
  return system_failure(what, errno);
}

Failure system_failure(std::string_view what, int error) {
  return Failure{is_temporary(error) ? Permanence::temporary : Permanence::permanent,
                 base::concat({what, ": ", error_text(error)}), error};
}

}  // namespace reqmail::sys
