#include "smtpd/message_way.h"

#include <utility>

#include "base/time.h"
#include "sys/clock.h"

namespace reqmail::smtpd {

namespace {

constexpr base::Seconds kLong{1};

}  // namespace

void QueueSink::take(std::string_view block) {
  if (given_up_) {
    return;
  }
  const auto begun = sys::monotonic();
  queue_.message(block);
  if (sys::monotonic() - begun >= kLong) {
    patience_.at_least(rate_);
  }
}

void QueueSink::give_up() {
  given_up_ = true;
  queue_.give_up();
}

MessageWay::MessageWay(submit::Injector queue, Hops hops, std::uint64_t databytes,
                       sys::Patience& patience, const sys::LeastRate& rate)
    : queue_(std::move(queue)),
      end_(queue_, patience, rate),
      size_(databytes, end_),
      hops_(size_),
      first_(hops == Hops::counted ? static_cast<proto::MessageSink&>(hops_) : size_) {}

}  // namespace reqmail::smtpd
