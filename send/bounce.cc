#include "send/bounce.h"

#include <cerrno>
#include <utility>

#include "queue/bounce_log.h"
#include "send/files.h"

namespace reqmail::send {

using scheduler::BounceOutcome;

Result<bool> bounce_is_there(queue::Files& files, mail::QueueLayout layout,
                             mail::MessageId id) {
  const auto status = files.status(layout.path(mail::QueueKind::bounce, id));
  if (!status && status.error().error != ENOENT) {
    return status.error();
  }
  return status.has_value();
}

std::variant<BounceOrder, BounceOutcome> prepare_bounce(queue::Files& files,
                                                        mail::QueueLayout layout,
                                                        mail::MessageId id,
                                                        const scheduler::BounceNames& names,
                                                        base::Time now) {
  auto paragraphs = queue::open_bounce(files, layout, id);
  if (!paragraphs) {
    return BounceOutcome::trouble;
  }
  const auto info = read_info(files, layout, id);
  if (!info) {
    return BounceOutcome::no_info;
  }
  if (scheduler::bounce_kind(info->sender) == scheduler::BounceKind::triple_bounce) {
    return queue::remove_bounce(files, layout, id) ? BounceOutcome::discarded
                                                   : BounceOutcome::not_removed_discarded;
  }
  auto message = files.open_read(layout.path(mail::QueueKind::mess, id));
  if (!message) {
    return BounceOutcome::trouble;
  }
  return BounceOrder{id, scheduler::bounce_mail(names, info->sender, now),
                     std::move(*paragraphs), std::move(*message)};
}

scheduler::BounceInjected conclude_bounce(queue::Files& files, mail::QueueLayout layout,
                                          const BounceResult& result) {
  scheduler::BounceInjected injected{result.id, BounceOutcome::trouble, result.pid};
  if (result.queued) {
    injected.outcome = queue::remove_bounce(files, layout, result.id)
                           ? BounceOutcome::sent
                           : BounceOutcome::not_removed_sent;
  }
  return injected;
}

}  // namespace reqmail::send
