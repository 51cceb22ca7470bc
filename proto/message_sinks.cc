#include "proto/message_sinks.h"

#include <algorithm>

#include "base/ascii.h"

namespace reqmail::proto {

namespace {

constexpr std::string_view kHopNames[] = {"received", "delivered"};
constexpr std::size_t kLongestHopName = 9;

}  // namespace

void HopCounter::feed(std::string_view message) {
  while (in_header_ && !message.empty()) {
    const std::size_t newline = message.find('\n');
    if (line_.size() < kLongestHopName) {
      line_.append(message.substr(0, std::min(newline, kLongestHopName - line_.size())));
    }
    if (newline == std::string_view::npos) {
      return;
    }
    end_line();
    message.remove_prefix(newline + 1);
  }
}

void HopCounter::end_line() {
  if (line_.empty()) {
    in_header_ = false;
    return;
  }
  for (const std::string_view name : kHopNames) {
    if (base::starts_with_ci(line_, name)) {
      ++hops_;
    }
  }
  line_.clear();
}

void HopSink::take(std::string_view block) {
  hops_.feed(block);
  if (hops_.too_many()) {
    next_.give_up();
  }
  next_.take(block);
}

void SizeSink::take(std::string_view block) {
  size_ += block.size();
  if (limit_ > 0 && size_ > limit_) {
    next_.give_up();
  }
  next_.take(block);
}

}  // namespace reqmail::proto
