#include "scheduler/marks.h"

#include "scheduler/log_lines.h"
#include "scheduler/schedule.h"

namespace reqmail::scheduler {

void Marks::on(const MarkFailed& event, Context& context) {
  context.log(log_line::trouble_marking(context.recipients(event.channel, event.id)));
  if (unmarked_.empty() && !context.ending) {
    again_ = context.now.steady + kFailedStep;
  }
  unmarked_.insert({event.id.number(), event.channel, event.offset});
}

void Marks::on(const MarkedAgain& event, Context& /*context*/) {
  if (event.success) {
    unmarked_.erase({event.id.number(), event.channel, event.offset});
  }
}

void Marks::forget(MessageId id, Channel channel) {
  const auto first = unmarked_.lower_bound({id.number(), channel, 0});
  auto end = first;
  while (end != unmarked_.end() && end->message == id.number() && end->channel == channel) {
    ++end;
  }
  unmarked_.erase(first, end);
}

void Marks::try_all(Context& context) const {
  for (const Recipient& recipient : unmarked_) {
    context.act(MarkAgain{recipient.channel, MessageId(recipient.message), recipient.offset});
  }
}

void Marks::turn(Context& context) {
  if (again_ && *again_ <= context.now.steady) {
    again_.reset();
    try_all(context);
    if (!unmarked_.empty()) {
      again_ = context.now.steady + kFailedStep;
    }
  }
}

void Marks::end(Context& context) {
  again_.reset();
  try_all(context);
}

}  // namespace reqmail::scheduler
