#include "send/bounce.h"

#include <cerrno>
#include <string>
#include <utility>

#include "base/md5.h"
#include "base/number.h"
#include "base/text.h"
#include "queue/bounce_log.h"
#include "scheduler/notice_text.h"
#include "send/files.h"
#include "sys/secrets.h"

namespace reqmail::send {

using scheduler::BounceInjected;
using scheduler::BounceOutcome;

namespace {

constexpr std::size_t kRandomBytes = 12;

// Returns a text that no other notice has and that the author of the message cannot guess.
Result<std::string> unique_token(mail::MessageId id, base::Time now) {
  const auto random = sys::random_bytes(kRandomBytes);
  if (!random) {
    return random.error();
  }
  return base::concat({base::decimal(static_cast<std::uint64_t>(base::to_epoch(now))), ".",
                       id.text(), ".", base::md5_hex(*random)});
}

}  // namespace

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

BounceOutcome BounceLine::discard(mail::MessageId id, bool is_double) {
  const bool removed = remove(id);
  if (is_double) {
    return removed ? BounceOutcome::double_discarded
                   : BounceOutcome::not_removed_double_discarded;
  }
  return removed ? BounceOutcome::discarded : BounceOutcome::not_removed_discarded;
}

// Returns nullopt if a queue program gets the bounce; the bounce of a double bounce is
// discarded, and so may be a double bounce.
std::optional<BounceOutcome> BounceLine::send(mail::MessageId id, base::Time now) {
  auto paragraphs = queue::open_bounce(parts_.files, parts_.layout, id);
  if (!paragraphs) {
    return BounceOutcome::trouble;
  }
  const auto info = read_sender(parts_.files, parts_.layout, id);
  if (!info) {
    return BounceOutcome::no_info;
  }
  const auto kind = scheduler::bounce_kind(info->sender);
  const bool is_double = kind == scheduler::BounceKind::double_bounce;
  if (kind == scheduler::BounceKind::triple_bounce ||
      (is_double && parts_.names.discards_double)) {
    return discard(id, is_double);
  }
  auto message = parts_.files.open_read(parts_.layout.path(mail::QueueKind::mess, id));
  const auto dsn = parts_.reads_wishes ? read_wishes(parts_.files, parts_.layout, id)
                                       : std::optional<mail::DsnRequest>();
  const auto token = parts_.form.style == scheduler::BounceStyle::plain && !dsn
                         ? Result<std::string>(std::string())
                         : unique_token(id, now);
  if (!message || !token) {
    return BounceOutcome::trouble;
  }
  BounceOrder order{
      id,
      scheduler::bounce_mail(parts_.names, parts_.form,
                             {info->sender, info->birth, dsn ? &*dsn : nullptr}, now, *token),
      std::move(*paragraphs), std::move(*message)};
  if (order.mail.is_report) {
    auto failures = queue::open_bounce(parts_.files, parts_.layout, id);
    if (!failures) {
      return BounceOutcome::trouble;
    }
    order.failures = std::move(*failures);
  }
  const bool begun = parts_.sender.begin(std::move(order));
  return begun ? std::nullopt : std::optional<BounceOutcome>(BounceOutcome::not_started);
}

bool BounceLine::send_notice(const scheduler::SendNotice& action, base::Time now) {
  auto message = parts_.files.open_read(parts_.layout.path(mail::QueueKind::mess, action.id));
  const auto token = unique_token(action.id, now);
  return message && token &&
         parts_.sender.begin({action.id,
                              scheduler::notice_mail(parts_.names, action.request, now, *token),
                              nullptr, std::move(*message)});
}

std::optional<scheduler::NoticeSent> BounceLine::notify(const scheduler::SendNotice& action,
                                                        base::Time now) {
  if (parts_.sender.full()) {
    waiting_notices_.push_back(action);
    return std::nullopt;
  }
  return send_notice(action, now) ? std::nullopt
                                  : std::optional(scheduler::NoticeSent{action.id, false});
}

void BounceLine::bounce_done(const BounceResult& result, Done& done) {
  BounceOutcome outcome = BounceOutcome::trouble;
  if (result.queued) {
    outcome = remove(result.id) ? BounceOutcome::sent : BounceOutcome::not_removed_sent;
  }
  done.bounces.push_back({result.id, outcome, result.pid});
}

BounceLine::Done BounceLine::take_done(base::Time now) {
  Done done;
  for (const BounceResult& result : parts_.sender.take_done()) {
    if (result.is_notice) {
      done.notices.push_back({result.id, result.queued, result.pid});
    } else {
      bounce_done(result, done);
    }
    if (ending_ && !result.queued) {
      // The next qmail-send sends the other bounces: trying them now would only delay the exit.
      for (const mail::MessageId id : std::exchange(waiting_, {})) {
        done.bounces.push_back({id, BounceOutcome::left});
      }
      for (const scheduler::SendNotice& notice : std::exchange(waiting_notices_, {})) {
        done.notices.push_back({notice.id, false});
      }
    }
  }
  while (!waiting_.empty() && !parts_.sender.full()) {
    const mail::MessageId id = waiting_.front();
    waiting_.pop_front();
    if (const auto answer = begin(id, now)) {
      done.bounces.push_back(*answer);
    }
  }
  while (!waiting_notices_.empty() && !parts_.sender.full()) {
    const scheduler::SendNotice notice = std::move(waiting_notices_.front());
    waiting_notices_.pop_front();
    if (!send_notice(notice, now)) {
      done.notices.push_back({notice.id, false});
    }
  }
  return done;
}

void BounceLine::hurry() {
  ending_ = true;
  parts_.sender.hurry();
}

}  // namespace reqmail::send
