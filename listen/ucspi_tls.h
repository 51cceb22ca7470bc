// A listener that speaks TLS for its programs when they ask for it: UCSPI-TLS, as sslserver
// does with -n. The variable UCSPITLS says what the operator wants; SSLCTLFD, SSLREADFD and
// SSLWRITEFD name the descriptors.
#pragma once

#include <optional>

#include "base/result.h"
#include "sys/connection.h"

namespace reqmail::listen {

// What UCSPITLS says: nothing, "-", "!" or "@" (which has to do with certificates of clients
// that only the listener sees), anything else.
enum class ListenerTlsWish { unset, off, required, offered };

ListenerTlsWish listener_tls_wish();

// DISABLETLS is a number above 0.
bool tls_is_disabled();

class ListenerTls {
 public:
  // Nothing where the listener can not speak TLS, or is not to.
  static std::optional<ListenerTls> find();

  // Tells the listener to begin; the descriptors of `client` lead to it from now on. Those of
  // the listener and its variables are gone afterwards. Whether the handshake succeeds is seen
  // by the input: it ends if not.
  Result<void> begin(const sys::Connection& client);

 private:
  struct Descriptors {
    int control;
    int input;
    int output;
  };

  explicit ListenerTls(const Descriptors& descriptors) : descriptors_(descriptors) {}

  Descriptors descriptors_;
};

}  // namespace reqmail::listen
