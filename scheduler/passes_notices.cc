// Passes: what senders want to be told of deliveries (NOTIFY of RFC 3461).
#include <algorithm>
#include <utility>

#include "scheduler/passes.h"

namespace reqmail::scheduler {

// A sender is told once of a delay, with the first deferral above an age. An earlier qmail-send
// has told the sender if the try before the one that was due when it ended was above that age.
void Passes::set_wishes(Channel channel, const PassOpened& event, bool is_first,
                        Message& message, Context& context) {
  if (!event.dsn || !pass_[channel]) {
    return;
  }
  Job& job = jobs_[pass_[channel]->job];
  job.dsn = event.dsn;
  const Seconds due = std::max(event.changed - job.birth, Seconds(0));
  if (is_first && context.retry.previous(due, channel) >= context.delay_warning) {
    message.delay_told = true;
  }
  job.late = !message.delay_told && context.now.date - job.birth >= context.delay_warning;
}

void Passes::note(const Delivery& delivery, Notice notice) {
  jobs_[delivery.job].notices.push_back(std::move(notice));
}

// Delays are told apart from successes, since they are not the last word.
void Passes::send_notices(Job& job, Context& context) {
  const auto first_delay = std::stable_partition(
      job.notices.begin(), job.notices.end(),
      [](const Notice& notice) { return notice.action != DsnAction::delayed; });
  const std::vector<Notice> delays(std::make_move_iterator(first_delay),
                                   std::make_move_iterator(job.notices.end()));
  job.notices.erase(first_delay, job.notices.end());
  if (!delays.empty()) {
    context.messages.find(job.id)->delay_told = true;
  }
  for (const std::vector<Notice>* notices : {&std::as_const(job.notices), &delays}) {
    if (!notices->empty()) {
      context.reporting.insert(job.id.number());
      context.act(SendNotice{job.id, {job.sender, job.birth, job.dsn->envelope_id, *notices}});
    }
  }
}

}  // namespace reqmail::scheduler
