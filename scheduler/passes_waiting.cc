// Passes: recipients that wait for something else than the time of their message.
#include <utility>

#include "scheduler/passes.h"

namespace reqmail::scheduler {

// --- While a list is gone through ---

// Returns whether the recipient is not to be tried now, and notes down what it waits for.
bool Passes::must_wait(Channel channel, const PassRecord& record, Context& context) {
  return channel == Channel::local ? wait_for_user(record) : wait_for_domain(record, context);
}

// The recipient's user is busy: then nothing is tried.
bool Passes::wait_for_user(const PassRecord& record) {
  const auto user = busy_users_.must_wait(std::string(record.recipient));
  if (user) {
    Job& job = jobs_[pass_[Channel::local]->job];
    ++job.remaining;
    job.busy_users.try_emplace(*user, false);
  }
  return user.has_value();
}

void Passes::note_places() {
  const Slots& slots = slots_[Channel::remote];
  domains_.set_places(slots.limit(), slots.running());
}

bool Passes::wait_for_domain(const PassRecord& record, Context& context) {
  if (!domains_.active()) {
    return false;
  }
  Job& job = jobs_[pass_[Channel::remote]->job];
  if (wait_for_time(job, record.offset, context.now.date)) {
    return true;
  }
  if (domains_.may_start(record.recipient, job.id, context.now.steady)) {
    return false;
  }
  ++job.remaining;
  job.domains.insert(recipient_domain(record.recipient));
  return true;
}

// The message is gone through because of other recipients.
bool Passes::wait_for_time(Job& job, std::uint64_t offset, Time now) {
  const auto found = job.not_yet.find(offset);
  if (found == job.not_yet.end() || found->second <= now) {
    return false;
  }
  ++job.remaining;
  job.put_off.insert(*found);
  return true;
}

// --- When a job ends ---

// Has the message wait for the users that a job left. Returns false if there are none, or if
// one of them is not busy any more: his place became free while the rest of the message was
// under way.
bool Passes::park(Job& job, Time now) {
  if (job.deferred || job.busy_users.empty()) {
    return false;
  }
  bool all = true;
  for (const auto& [user, was_refused] : job.busy_users) {
    all = busy_users_.park(user, job.id, was_refused) && all;
  }
  if (!all) {
    job.retry = now;
  }
  return all;
}

// Has the message wait for the domains that a job left, if there are any.
bool Passes::park_for_domains(Job& job) {
  if (job.domains.empty() || job.unread) {
    return false;
  }
  deferred_.keep(job.id, std::move(job.put_off));
  domains_.park(job.domains, job.id);
  return true;
}

void Passes::gone_through(Channel channel, MessageId id) {
  if (channel == Channel::remote) {
    domains_.gone_through(id);
  }
}

// Has a message that waits for domains gone through now. Returns false if it does not wait.
bool Passes::unpark(MessageId id, Context& context) {
  const Message* message = context.messages.find(id);
  const bool waits = message != nullptr && message->place[Channel::remote] == Place::parked;
  if (waits) {
    wait(Channel::remote, id, context.now.date, context);
  }
  return waits;
}

// Calls the messages of which a domain allows a delivery, and those of which a recipient has
// its time.
void Passes::call(Context& context) {
  while (const auto id = domains_.take_called(context.now.steady)) {
    if (!unpark(*id, context)) {
      domains_.gone_through(*id);
    }
  }
  for (const MessageId id : deferred_.take_due(context.now.date)) {
    (void)unpark(id, context);
  }
}

// Another delivery of this user may begin: of the first message that is there still.
void Passes::try_parked(const std::string& user, Context& context) {
  while (const auto id = busy_users_.take(user)) {
    const Message* message = context.messages.find(*id);
    if (message != nullptr && message->place[Channel::local] == Place::parked) {
      busy_users_.allow(user);
      wait(Channel::local, *id, context.now.date, context);
      return;
    }
  }
}

}  // namespace reqmail::scheduler
