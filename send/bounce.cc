#include "send/bounce.h"

#include <cerrno>
#include <utility>

#include "queue/bounce_log.h"
#include "send/files.h"

namespace reqmail::send {

using scheduler::BounceInjected;
using scheduler::BounceOutcome;

bool BounceLine::remove(mail::MessageId id) {
  return queue::remove_bounce(parts_.files, parts_.layout, id).has_value();
}

std::optional<BounceInjected> BounceLine::inject(const scheduler::InjectBounce& action,
                                                 base::Time now) {
  if (action.sent) {
    return BounceInjected{
        action.id, remove(action.id) ? BounceOutcome::removed : BounceOutcome::not_removed};
  }
  const auto status =
      parts_.files.status(parts_.layout.path(mail::QueueKind::bounce, action.id));
  if (status) {
    return begin(action.id, now);
  }
  return BounceInjected{action.id, status.error().error == ENOENT
                                       ? BounceOutcome::none
                                       : BounceOutcome::not_examined};
}

std::optional<BounceInjected> BounceLine::begin(mail::MessageId id, base::Time now) {
  if (parts_.sender.full()) {
    waiting_.push_back(id);
    return std::nullopt;
  }
  const auto outcome = send(id, now);
  return outcome ? std::optional<BounceInjected>(BounceInjected{id, *outcome}) : std::nullopt;
}

// Returns nullopt if a queue program gets the bounce; the bounce of a double bounce is
// discarded.
std::optional<BounceOutcome> BounceLine::send(mail::MessageId id, base::Time now) {
  auto paragraphs = queue::open_bounce(parts_.files, parts_.layout, id);
  if (!paragraphs) {
    return BounceOutcome::trouble;
  }
  const auto info = read_sender(parts_.files, parts_.layout, id);
  if (!info) {
    return BounceOutcome::no_info;
  }
  if (scheduler::bounce_kind(info->sender) == scheduler::BounceKind::triple_bounce) {
    return remove(id) ? BounceOutcome::discarded : BounceOutcome::not_removed_discarded;
  }
  auto message = parts_.files.open_read(parts_.layout.path(mail::QueueKind::mess, id));
  if (!message) {
    return BounceOutcome::trouble;
  }
  const bool begun =
      parts_.sender.begin({id, scheduler::bounce_mail(parts_.names, info->sender, now),
                           std::move(*paragraphs), std::move(*message)});
  return begun ? std::nullopt : std::optional<BounceOutcome>(BounceOutcome::not_started);
}

std::vector<BounceInjected> BounceLine::take_done(base::Time now) {
  std::vector<BounceInjected> answers;
  for (const BounceResult& result : parts_.sender.take_done()) {
    BounceOutcome outcome = BounceOutcome::trouble;
    if (result.queued) {
      outcome = remove(result.id) ? BounceOutcome::sent : BounceOutcome::not_removed_sent;
    }
    answers.push_back({result.id, outcome, result.pid});
    if (ending_ && !result.queued) {
      // The next qmail-send sends the other bounces: trying them now would only delay the exit.
      for (const mail::MessageId id : std::exchange(waiting_, {})) {
        answers.push_back({id, BounceOutcome::left});
      }
    }
  }
  while (!waiting_.empty() && !parts_.sender.full()) {
    const mail::MessageId id = waiting_.front();
    waiting_.pop_front();
    if (const auto answer = begin(id, now)) {
      answers.push_back(*answer);
    }
  }
  return answers;
}

void BounceLine::hurry() {
  ending_ = true;
  parts_.sender.hurry();
}

}  // namespace reqmail::send
