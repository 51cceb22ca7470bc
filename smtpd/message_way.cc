#include "smtpd/message_way.h"

#include <utility>

#include "base/ascii.h"
#include "smtpd/own_time.h"

namespace reqmail::smtpd {

void QueueSink::take(std::string_view block) {
  if (given_up_) {
    return;
  }
  const bool separates = separates_ && !block.empty() && base::is_blank(block.front());
  separates_ = separates_ && block.empty();
  with_own_time(patience_, rate_, [this, block, separates]() {
    if (separates) {
      queue_.message("\n");
    }
    queue_.message(block);
  });
}

void QueueSink::give_up() {
  given_up_ = true;
  queue_.give_up();
}

MessageMeter::MessageMeter(Hops hops, std::uint64_t databytes, proto::MessageSink& next)
    : size_(databytes, next),
      hops_(size_),
      first_(hops == Hops::counted ? static_cast<proto::MessageSink&>(hops_) : size_) {}

MessageWay::MessageWay(submit::Injector queue, Hops hops, std::uint64_t databytes,
                       sys::Patience& patience, const sys::LeastRate& rate)
    : queue_(std::move(queue)), end_(queue_, patience, rate), meter_(hops, databytes, end_) {}

void MessageWay::fields_on_top(std::string_view fields) {
  if (!fields.empty()) {
    queue_.message(fields);
    end_.separate_folded_top();
  }
}

}  // namespace reqmail::smtpd
