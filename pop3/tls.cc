#include "pop3/tls.h"

#include <utility>

#include "listen/tls_by_child.h"
#include "listen/tls_by_listener.h"
#include "listen/tls_wish.h"

namespace reqmail::pop3 {

std::unique_ptr<tls::StartTls> pop3_tls_by_child() {
  return listen::tls_by_child("qmail-popup-tls", !listen::tls_is_forbidden());
}

std::unique_ptr<tls::StartTls> pop3_tls() {
  auto listener = listen::tls_by_listener(!listen::tls_is_forbidden());
  return listener ? std::move(listener) : pop3_tls_by_child();
}

}  // namespace reqmail::pop3
