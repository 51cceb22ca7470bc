#include "send/bounce.h"

#include <cerrno>
#include <string_view>
#include <vector>

#include "queue/bounce_log.h"
#include "send/files.h"
#include "submit/injector.h"

namespace reqmail::send {

namespace {

using scheduler::BounceOutcome;

constexpr std::size_t kCopyBuffer = std::size_t{64} << 10;

// Whether all of it could be read.
bool copy(queue::File& from, submit::Injector& to) {
  std::vector<char> buffer(kCopyBuffer);
  for (;;) {
    const auto count = from.read(buffer.data(), buffer.size());
    if (!count) {
      return false;
    }
    if (*count == 0) {
      return true;
    }
    to.message(std::string_view(buffer.data(), *count));
  }
}

BounceOutcome remove(queue::Files& files, mail::QueueLayout layout, mail::MessageId id,
                     BounceOutcome removed, BounceOutcome kept) {
  return queue::remove_bounce(files, layout, id) ? removed : kept;
}

}  // namespace

BounceSender::Outcome QueueBounceSender::send(const scheduler::BounceMail& bounce,
                                              queue::File& paragraphs, queue::File& message) {
  auto injector = submit::Injector::start();
  if (!injector) {
    return {};
  }
  Outcome outcome{true, false, static_cast<std::uint64_t>(injector->pid())};
  injector->message(bounce.head);
  bool whole = copy(paragraphs, *injector);
  injector->message(bounce.tail);
  whole = copy(message, *injector) && whole;
  if (!whole) {
    injector->give_up();
  }
  injector->sender(bounce.envelope_sender);
  injector->recipient(bounce.envelope_recipient);
  outcome.queued = injector->finish().has_value() && whole;
  return outcome;
}

scheduler::BounceInjected inject_bounce(queue::Files& files, mail::QueueLayout layout,
                                        mail::MessageId id, const scheduler::BounceNames& names,
                                        BounceSender& sender, base::Time now) {
  scheduler::BounceInjected result{id};
  if (const auto there = files.status(layout.path(mail::QueueKind::bounce, id)); !there) {
    result.outcome =
        there.error().error == ENOENT ? BounceOutcome::none : BounceOutcome::not_examined;
    return result;
  }
  auto paragraphs = queue::open_bounce(files, layout, id);
  if (!paragraphs) {
    result.outcome = BounceOutcome::trouble;
    return result;
  }
  const auto info = read_info(files, layout, id);
  if (!info) {
    result.outcome = BounceOutcome::no_info;
    return result;
  }
  if (scheduler::bounce_kind(info->sender) == scheduler::BounceKind::triple_bounce) {
    result.outcome = remove(files, layout, id, BounceOutcome::discarded,
                            BounceOutcome::not_removed_discarded);
    return result;
  }
  auto message = files.open_read(layout.path(mail::QueueKind::mess, id));
  if (!message) {
    result.outcome = BounceOutcome::trouble;
    return result;
  }
  const BounceSender::Outcome sent =
      sender.send(scheduler::bounce_mail(names, info->sender, now), **paragraphs, **message);
  result.pid = sent.pid;
  if (!sent.queued) {
    result.outcome = sent.started ? BounceOutcome::trouble : BounceOutcome::not_started;
    return result;
  }
  result.outcome =
      remove(files, layout, id, BounceOutcome::sent, BounceOutcome::not_removed_sent);
  return result;
}

}  // namespace reqmail::send
