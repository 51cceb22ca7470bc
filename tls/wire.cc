#include "tls/wire.h"

#include <openssl/bio.h>

#include <cerrno>
#include <string_view>

#include "sys/clock.h"
#include "sys/stream.h"

namespace reqmail::tls {

namespace {

std::chrono::milliseconds limit_of(const Wire& wire) {
  if (wire.deadline) {
    return *wire.deadline - sys::monotonic();
  }
  return std::chrono::milliseconds(wire.each.count() * 1000);
}

int read_wire(BIO* bio, char* buffer, int size) {
  Wire& wire = *static_cast<Wire*>(BIO_get_data(bio));
  BIO_clear_retry_flags(bio);
  if (auto ready = sys::wait_readable(wire.input, limit_of(wire)); !ready) {
    wire.error = ready.error().error;
    // A peer that is silent can still be told so.
    if (wire.error == ETIMEDOUT) {
      BIO_set_retry_read(bio);
    }
    return -1;
  }
  const auto count = sys::read_some(wire.input, buffer, static_cast<std::size_t>(size));
  if (!count) {
    wire.error = count.error().error;
    return -1;
  }
  return static_cast<int>(*count);
}

int write_wire(BIO* bio, const char* bytes, int size) {
  Wire& wire = *static_cast<Wire*>(BIO_get_data(bio));
  if (auto ready = sys::wait_writable(wire.output, limit_of(wire)); !ready) {
    wire.error = ready.error().error;
    return -1;
  }
  const auto count =
      sys::write_some(wire.output, std::string_view(bytes, static_cast<std::size_t>(size)));
  if (!count) {
    wire.error = count.error().error;
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
