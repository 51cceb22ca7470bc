#include "tls/wire.h"

#include <openssl/bio.h>

#include <algorithm>
#include <cerrno>
#include <string_view>

#include "sys/clock.h"
#include "sys/error.h"
#include "sys/stream.h"

namespace reqmail::tls {

namespace {

std::chrono::milliseconds limit_of(const Wire& wire) {
  const auto now = sys::monotonic();
  const auto limit = wire.deadline ? *wire.deadline - now
                                   : std::chrono::milliseconds(wire.each.count() * 1000);
  return wire.end ? std::min(limit, *wire.end - now) : limit;
}

bool is_over(const Wire& wire) {
  return wire.end && sys::monotonic() >= *wire.end;
}

Result<std::size_t> receive(const Wire& wire, char* buffer, std::size_t size) {
  if (!wire.waits) {
    return sys::read_some(wire.input, buffer, size);
  }
  for (;;) {
    if (auto ready = sys::wait_readable(wire.input, limit_of(wire)); !ready) {
      return ready.error();
    }
    if (is_over(wire)) {
      return sys::system_failure("timeout", ETIMEDOUT);
    }
    auto count = sys::read_some(wire.input, buffer, size);
    if (count || count.error().error != EAGAIN) {
      return count;
    }
  }
}

Result<std::size_t> send(const Wire& wire, std::string_view bytes) {
  if (!wire.waits) {
    return sys::write_some(wire.output, bytes);
  }
  for (;;) {
    if (auto ready = sys::wait_writable(wire.output, limit_of(wire)); !ready) {
      return ready.error();
    }
    if (is_over(wire)) {
      return sys::system_failure("timeout", ETIMEDOUT);
    }
    auto count = sys::write_ready(wire.output, bytes);
    if (count || count.error().error != EAGAIN) {
      return count;
    }
  }
}

int read_wire(BIO* bio, char* buffer, int size) {
  Wire& wire = *static_cast<Wire*>(BIO_get_data(bio));
  BIO_clear_retry_flags(bio);
  const auto count = receive(wire, buffer, static_cast<std::size_t>(size));
  if (!count) {
    wire.error = count.error().error;
    // A peer that is silent can still be told so.
    if (wire.error == ETIMEDOUT || wire.error == EAGAIN) {
      BIO_set_retry_read(bio);
    }
    return -1;
  }
  return static_cast<int>(*count);
}

int write_wire(BIO* bio, const char* bytes, int size) {
  Wire& wire = *static_cast<Wire*>(BIO_get_data(bio));
  BIO_clear_retry_flags(bio);
  const auto count = send(wire, std::string_view(bytes, static_cast<std::size_t>(size)));
  if (!count) {
    wire.error = count.error().error;
    if (wire.error == EAGAIN) {
      BIO_set_retry_write(bio);
    }
    return -1;
  }
  return static_cast<int>(*count);
}

long control_wire(BIO* /*bio*/, int command, long /*number*/, void* /*pointer*/) {
  return command == BIO_CTRL_FLUSH ? 1 : 0;
}

}  // namespace

Handle<BIO_METHOD> make_wire_method() {
  Handle<BIO_METHOD> method(BIO_meth_new(BIO_TYPE_SOURCE_SINK, "descriptors"));
  if (method) {
    BIO_meth_set_read(method.get(), read_wire);
    BIO_meth_set_write(method.get(), write_wire);
    BIO_meth_set_ctrl(method.get(), control_wire);
  }
  return method;
}

Handle<BIO> make_wire_bio(const BIO_METHOD* method, Wire& wire) {
  Handle<BIO> bio(BIO_new(method));
  if (bio) {
    BIO_set_data(bio.get(), &wire);
    BIO_set_init(bio.get(), 1);
  }
  return bio;
}

}  // namespace reqmail::tls
