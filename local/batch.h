// Several deliveries of one user, made together by a process that stays.
#pragma once

#include <string>
#include <vector>

#include "local/request.h"
#include "sys/fd.h"
#include "sys/together.h"

namespace reqmail::local {

struct BatchItem {
  Request request;
  // The message; it can be read from its start more than once.
  sys::Fd message;
};

struct BatchResult {
  // It is no delivery to one maildir and nothing else: nothing was done.
  bool declined = false;
  // What qmail-local exits with and prints.
  int code = 0;
  std::string output;
};

// Makes the deliveries that go to one maildir each, in steps that all of them take together:
// the files are written, then all are synced at once, then each gets its name, then each
// directory new/ is synced once. What fails for one fails for it alone; a directory that cannot
// be synced fails for all that have a name in it. A result is success when its message and its
// name are on disk. All items have the same home. `sequence`: how many messages this process
// has begun. `together`: makes the syncs. The result has the order of the items.
std::vector<BatchResult> deliver_batch(const std::vector<BatchItem>& items, unsigned& sequence,
                                       sys::Together& together);

}  // namespace reqmail::local
