#include "scheduler/rewriting.h"

#include <utility>

#include "base/number.h"
#include "mail/envelope.h"

namespace reqmail::scheduler {

Rewriting::Rewriting(MessageId number, std::uint64_t message_size,
                     std::optional<Leftovers> found)
    : id(number), size(message_size), leftovers(std::move(found)) {
  begin();
}

void Rewriting::begin() {
  step = leftovers ? Step::compare : Step::check;
  first = true;
  has_sender = false;
  sender.clear();
  uid = pid = next_uid_ = next_pid_ = 0;
  any = {};
}

void Rewriting::begin_writing() {
  step = Step::write;
  first = true;
  any = {};
}

Rewriting::Fault Rewriting::take(const RecordChunk& chunk, const Router& router) {
  const bool routed = routes(chunk);
  last = chunk.last;
  recipients = {};
  mail::RecordParser records(chunk.records);
  while (const auto record = records.next()) {
    switch (record->letter) {
    case 'u':
      next_uid_ = base::leading_number(record->value).value_or(0);
      break;
    case 'p':
      next_pid_ = base::leading_number(record->value).value_or(0);
      break;
    case 'F':
      if (!has_sender) {
        // The info line shows what is known when the sender is read.
        has_sender = true;
        sender = record->value;
        uid = next_uid_;
        pid = next_pid_;
      }
      break;
    case 'T':
      if (routed) {
        const Route route = router.route(record->value);
        if (route.unsure) {
          return Fault::unsure_route;
        }
        mail::append_record(recipients[route.channel], 'T', route.recipient);
        any[route.channel] = true;
      }
      break;
    default:
      return Fault::unknown_record;
    }
  }
  return records.unfinished() || (last && !has_sender) ? Fault::unfinished : Fault::none;
}

}  // namespace reqmail::scheduler
