// A pair of descriptors as OpenSSL's BIO, with time limits. Reads and writes wait in poll(2),
// so that the descriptors may be blocking, as they are where others share them.
#pragma once

#include <chrono>
#include <optional>

#include "base/time.h"
#include "tls/handles.h"

namespace reqmail::tls {

struct Wire {
  int input = -1;
  int output = -1;
  base::Seconds each{0};
  // On the monotonic clock; while it is set it takes the place of `each`.
  std::optional<std::chrono::milliseconds> deadline;
  // Likewise; nothing waits longer, and nothing is read or written later.
  std::optional<std::chrono::milliseconds> end;
  // Not waiting, what can not be done at once is left to the caller: the descriptors must not
  // block then.
  bool waits = true;
  int error = 0;  // the errno of what failed last
};

// `wire` must outlive the BIO, `method` likewise.
Handle<BIO_METHOD> make_wire_method();
Handle<BIO> make_wire_bio(const BIO_METHOD* method, Wire& wire);

}  // namespace reqmail::tls
