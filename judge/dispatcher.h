// The process from which the sessions' children of one qmail-mailauth for many sessions are
// made. It knows the name servers, has OpenSSL set up, and has confined itself before it takes
// the first connection, so that a child costs little more than the fork: it inherits all this
// and only has to give up making processes itself. For the same reason this process cannot look
// at resolv.conf(5) again. It ends when that file is no longer what it has read, and whoever
// has started it starts another one, which serves the sessions that come from then on. Children
// go on when it ends, whatever the reason is. They may serve several sessions of a client, one
// after the other (judge/session_children.h).
//
//   taking    a connection gets a child, or is closed if there are too many sessions already
//   finished  there will be no connection any more: it waits for the end of its children
//   over      it ends
//
//   taking -> finished: the source has ended
//   taking -> over:     resolv.conf has changed, or may have without notice; the keeper has
//                       ended; it is old enough
//   finished -> over:   the last child has ended
#pragma once

#include <chrono>
#include <optional>

#include "base/result.h"
#include "judge/connection_source.h"

namespace reqmail::judge {

// The most sessions of one dispatcher at a time. One that comes then is refused at once, and
// qmail-smtpd starts a qmail-mailauth of its own.
inline constexpr unsigned kResidentSessions = 500;

// A dispatcher ends at this age, so that one without sessions takes no memory, and since some
// changes give no notice: another file that is mounted in the place of resolv.conf, or one on
// another host.
inline constexpr std::chrono::minutes kDispatcherAge{5};

// Is the dispatcher, in a process that is not root's and in which the library of crypto/ is
// prepared, and returns when it is over. `keeper` can be read when the process has ended that
// would replace this one. A child has descriptor 2, its connection as 0, and a socket of this
// process if it may serve another session; all others are closed. A Failure says that it cannot
// begin or cannot wait any more.
Result<void> dispatch(const ConnectionSource& source, std::optional<int> keeper,
                      std::chrono::milliseconds age);

// Returns the exit code of a process that has ended so, after it has said why on descriptor 2
// if it failed.
int exit_code(const Result<void>& ended);

}  // namespace reqmail::judge
