// A connection in clear as OpenSSL's BIO. Reads and writes wait in poll(2), so that the
// descriptors may be blocking, as they are where others share them.
#pragma once

#include "sys/connection.h"
#include "tls/handles.h"

namespace reqmail::tls {

struct Wire {
  Wire(int input, int output) : clear(input, output) {}

  sys::DescriptorConnection clear;
  // Without waiting, what cannot be done at once is left to the caller: the descriptors must
  // not block then.
  bool waits = true;
  int error = 0;  // the errno of what failed last
};

// `wire` must outlive the BIO, `method` likewise.
Handle<BIO_METHOD> make_wire_method();
Handle<BIO> make_wire_bio(const BIO_METHOD* method, Wire& wire);

}  // namespace reqmail::tls
