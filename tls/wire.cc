#include "tls/wire.h"

#include <openssl/bio.h>

#include <cerrno>
#include <string_view>

#include "sys/descriptor_io.h"

namespace reqmail::tls {

namespace {

Result<std::size_t> receive(Wire& wire, char* buffer, std::size_t size) {
  return wire.waits ? wire.clear.read(buffer, size)
                    : sys::read_some(wire.clear.input(), buffer, size);
}

Result<std::size_t> send(Wire& wire, std::string_view bytes) {
  return wire.waits ? wire.clear.write_some(bytes)
                    : sys::write_some(wire.clear.output(), bytes);
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
