#include "srs/return_bounce.h"

#include <utility>

#include "base/text.h"
#include "srs/to_field.h"
#include "submit/injector.h"
#include "sys/stream.h"

namespace reqmail::srs {

namespace {

constexpr std::size_t kLineMax = std::size_t{1} << 20;

Failure read_error() {
  return temporary("unable to read the message (#4.3.0)");
}

// A longer line is no part of a header; it is passed on in pieces.
Result<void> copy(int message, ToField& field, submit::Injector& queue) {
  sys::Reader input(message);
  bool at_line = true;
  for (;;) {
    std::string line;
    const auto end = input.get_line(line, kLineMax);
    if (!end) {
      return read_error();
    }
    if (*end == sys::LineEnd::end_of_file && line.empty()) {
      break;
    }
    if (*end == sys::LineEnd::line) {
      line.push_back('\n');
    }
    queue.message(at_line ? field.next(line) : line);
    at_line = *end == sys::LineEnd::line;
    if (*end == sys::LineEnd::end_of_file) {
      break;
    }
  }
  queue.message(field.finish());
  return {};
}

}  // namespace

std::string_view fault_text(auth822::SrsFault fault) {
  switch (fault) {
  case auth822::SrsFault::none:
    return {};
  case auth822::SrsFault::expired:
    return "sorry, that SRS address has expired";
  case auth822::SrsFault::not_srs:
  case auth822::SrsFault::forged:
    break;
  }
  return "sorry, that SRS address is not valid";
}

Result<void> return_bounce(int message, std::string_view delivered_to,
                           const std::string& address, const auth822::SrsSettings& settings,
                           std::uint64_t time) {
  const auth822::SrsSender sender = auth822::srs_reverse(address, settings, time);
  if (sender.fault != auth822::SrsFault::none) {
    return permanent(base::concat({fault_text(sender.fault), " (#5.1.1)"}));
  }
  auto queue = submit::Injector::start();
  if (!queue) {
    return queue.error();
  }
  queue->message(delivered_to);
  ToField field(sender.address);
  if (auto copied = copy(message, field, *queue); !copied) {
    queue->give_up();
    (void)queue->finish();
    return copied;
  }
  queue->sender("");
  queue->recipient(sender.address);
  return queue->finish();
}

}  // namespace reqmail::srs
