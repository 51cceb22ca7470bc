#include "remote/kept_connection.h"

#include <algorithm>
#include <cerrno>
#include <utility>

#include "sys/clock.h"
#include "sys/descriptor_io.h"

namespace reqmail::remote {

namespace {

// QUIT has room in the socket, unless the server reads nothing any more.
constexpr std::chrono::milliseconds kFarewell(1000);

// A server that has said something has nothing to answer, so it is about to close; in TLS,
// it may have said so with close_notify.
bool is_silent(const Contact& contact) {
  const auto readable = sys::wait_readable(contact.clear.input(), std::chrono::milliseconds(0));
  return !readable && readable.error().error == ETIMEDOUT;
}

}  // namespace

Contact::Contact(Target to, sys::Fd socket, base::Seconds timeout, base::Seconds time)
    : target(std::move(to)), clear(std::move(socket), timeout, time), since(sys::monotonic()) {}

std::unique_ptr<Contact> KeptConnection::take(const std::string& terms) {
  if (contact_ == nullptr) {
    return nullptr;
  }
  if (contact_->terms != terms || time_left() <= std::chrono::milliseconds(0) ||
      !is_silent(*contact_)) {
    close();
  }
  return std::move(contact_);
}

void KeptConnection::put(std::unique_ptr<Contact> contact, base::Seconds idle) {
  close();
  contact_ = std::move(contact);
  const std::chrono::milliseconds now = sys::monotonic();
  contact_->until = std::min<std::chrono::milliseconds>(now + idle, contact_->since + kKeptMax);
}

std::chrono::milliseconds KeptConnection::time_left() const {
  return std::max(contact_->until - sys::monotonic(), std::chrono::milliseconds(0));
}

void KeptConnection::close() {
  if (contact_ != nullptr) {
    contact_->smtp->stop_at(sys::monotonic() + kFarewell);
    contact_->smtp->quit();
    contact_.reset();
  }
}

}  // namespace reqmail::remote
