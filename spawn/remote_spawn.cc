#include "spawn/remote_spawn.h"

#include <utility>

#include "base/program_end.h"
#include "base/text.h"
#include "mail/dsn.h"
#include "mail/queue_names.h"
#include "remote/shared_signer.h"
#include "remote/shared_slots.h"
#include "spawn/protocol.h"
#include "spawn/report.h"
#include "sys/clock.h"
#include "sys/env.h"
#include "sys/file.h"
#include "sys/process.h"

namespace reqmail::spawn {

namespace {

// Returns the text of the file beside a message that says what its sender wants to be told;
// empty if there is none. A file that is older than the message belongs to an earlier message
// of its number. The working directory is queue/mess.
std::string wishes(const std::string& message) {
  const std::string path = base::concat({message, mail::kDsnEnd});
  const auto status = sys::status(path);
  const auto of_message = sys::status(message);
  if (!status || !of_message || status->st_uid != of_message->st_uid ||
      status->st_mtime < of_message->st_mtime) {
    return {};
  }
  const auto text = sys::read_regular_file(path, mail::kDsnTextMax);
  return text && mail::parse_dsn_text(*text) ? *text : std::string();
}

}  // namespace

RemoteSpawn::RemoteSpawn(Settings settings)
    : settings_(std::move(settings)), groups_(settings_.group_max) {
  if (!settings_.signer_mark.empty()) {
    signer_.emplace(settings_.home, settings_.signer_mark);
  }
}

bool RemoteSpawn::joins(const Order& order) {
  return groups_.join({order.message, domain(order), order.sender, order.recipient, order.slot},
                      sys::monotonic());
}

Step RemoteSpawn::begin(const Order& order) {
  return run_for(order, groups_.are_wanted() ? Way::together : Way::alone);
}

Run RemoteSpawn::run_for(const Order& order, Way way) {
  Run run;
  run.child.program = settings_.program;
  run.child.arguments = {"qmail-remote", std::string(domain(order)), order.sender,
                         order.recipient};
  run.child.exec_failed = mail::rspawn_exit::kRunTemporary;
  if (signer_) {
    (void)signer_->socket();
  }
  run.child.descriptors = descriptors();
  std::string text = settings_.passes_wishes ? wishes(order.message) : std::string();
  if (!text.empty()) {
    sys::Environment environment = sys::Environment::current();
    environment.set("QMAILDSN", text);
    run.child.environment = environment.strings();
  }
  if (way == Way::executed) {
    return run;
  }
  const auto version = version_of_own();
  if (!version) {
    workers_.retire_all();
    return run;
  }
  run.take_over =
      [this,
       offer = Offer{order.message,
                     order.slot,
                     {run.child.arguments[1], order.sender, std::move(text), {order.recipient}},
                     *version,
                     way == Way::together}](int message, const std::function<void()>& forget) {
        return take_over(offer, message, forget);
      };
  return run;
}

std::vector<sys::DescriptorMove> RemoteSpawn::descriptors() const {
  std::vector<sys::DescriptorMove> moves;
  if (settings_.slots.valid()) {
    moves.push_back({settings_.slots.get(), remote::kRemoteSlotsDescriptor});
  }
  if (const auto signer = signer_ ? signer_->current() : std::nullopt) {
    moves.push_back({*signer, remote::kSharedSignerDescriptor});
  }
  return moves;
}

RemotePool::Terms RemoteSpawn::terms(const sys::FileVersion& program) const {
  return {program, signer_ ? signer_->generation() : 0};
}

std::optional<sys::FileVersion> RemoteSpawn::version_of_own() {
  if (settings_.program_mark.empty()) {
    return std::nullopt;
  }
  auto path = sys::program_path(settings_.program);
  if (!path) {
    return std::nullopt;
  }
  if (!program_ || path_ != *path) {
    program_.emplace(*path, settings_.program_mark);
    if (settings_.known_program) {
      program_->believe(*settings_.known_program);
    }
    path_ = *std::move(path);
  }
  return program_->is_there() ? program_->version() : std::nullopt;
}

bool RemoteSpawn::take_over(const Offer& offer, int message,
                            const std::function<void()>& forget) {
  if (!offer.together) {
    return workers_.give({offer.slot}, offer.order, message, terms(offer.version),
                         descriptors(), forget);
  }
  // Others that it belongs to may have come while it was with a worker.
  const auto now = sys::monotonic();
  if (!groups_.join({offer.message, offer.order.host, offer.order.sender,
                     offer.order.recipients.front(), offer.slot},
                    now)) {
    groups_.begin(offer.message, offer.order, offer.slot, {message, offer.version, forget},
                  now);
  }
  return true;
}

void RemoteSpawn::give_group(const DeliveryGroup& group, std::vector<unsigned>& slots) {
  const GroupStart& start = group.start;
  if (workers_.give(group.slots, group.order, start.message, terms(start.program),
                    descriptors(), start.forget)) {
    return;
  }
  for (const unsigned slot : group.slots) {
    outcomes_.insert_or_assign(slot,
                               RemotePool::Outcome{slot, WorkerResult::Kind::unserved, {}, {}});
    slots.push_back(slot);
  }
}

std::vector<unsigned> RemoteSpawn::collect(const sys::Poller& poller) {
  std::vector<unsigned> slots;
  for (RemotePool::Outcome& outcome : workers_.collect(poller)) {
    slots.push_back(outcome.slot);
    outcomes_.insert_or_assign(outcome.slot, std::move(outcome));
  }
  if (groups_.first_due()) {
    for (const DeliveryGroup& group : groups_.take_due(sys::monotonic())) {
      give_group(group, slots);
    }
  }
  return slots;
}

Step RemoteSpawn::go_on(const Order& order) {
  auto outcome = std::move(outcomes_.extract(order.slot).mapped());
  switch (outcome.kind) {
  case WorkerResult::Kind::later:
    return run_for(order, Way::together);
  case WorkerResult::Kind::alone:
    return run_for(order, Way::alone);
  case WorkerResult::Kind::unserved:
    return run_for(order, Way::executed);
  case WorkerResult::Kind::done:
  case WorkerResult::Kind::kept:
  case WorkerResult::Kind::declined:
    break;
  }
  return Done{outcome.end, std::move(outcome.output)};
}

void RemoteSpawn::forget_all() {
  outcomes_.clear();
  groups_.clear();
}

bool RemoteSpawn::path_is_wrong() const {
  return settings_.program.find('/') == std::string::npos &&
         !sys::is_program_in_path(settings_.program) &&
         sys::status(base::concat({settings_.home, "/bin/", settings_.program}));
}

void RemoteSpawn::child_ended(pid_t child, base::ProgramEnd end) {
  workers_.child_ended(child, end);
  if (signer_) {
    signer_->child_ended(child);
  }
}

Step RemoteSpawn::answered(const Order& /*order*/, base::ProgramEnd end,
                           const Output& /*answer*/) {
  return end;  // begin() runs no look-up
}

std::string RemoteSpawn::report(base::ProgramEnd end, const Output& output) {
  // The child could not say why it ended with this code, so PATH is examined now.
  if (!end.crashed && end.code == mail::rspawn_exit::kRunTemporary && path_is_wrong()) {
    end.code = mail::rspawn_exit::kRunPermanent;
  }
  return remote_report(end, output);
}

}  // namespace reqmail::spawn
